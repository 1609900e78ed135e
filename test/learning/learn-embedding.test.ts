import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openProductSession } from '../../src/adapters/onnxruntime/product-session.ts'
import { openTrainingSession } from '../../src/adapters/onnxruntime/training-session.ts'
import { sampleBatch } from '../../src/learning/heads/batches.ts'
import type { HeadsCheckpoint } from '../../src/learning/heads/train-heads.ts'
import { type LearningOptions, learnEmbedding } from '../../src/learning/learn-embedding.ts'
import type { LearningEngine } from '../../src/learning/learning-engine.ts'
import { HEAD_STARTS } from '../../src/learning/start/head-start.ts'
import { rowProductsGraph } from '../../src/onnx/row-products-graph.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { rowOf } from '../../src/vector/row-matrix.ts'
import { failsWith } from '../support/errors.ts'
import { syntheticClasses } from '../support/synthetic-classes.ts'
import { unitFeatures } from '../support/unit-features.ts'

const SEED = 11
const [CLASSES, PER_CLASS, WIDTH] = [40, 8, 24]
const data = syntheticClasses(seededRandom(SEED), seededRandom(12), CLASSES, PER_CLASS, WIDTH)
const features = unitFeatures(data.features, WIDTH)
const labels = data.labels.map((label) => `class ${label}`)

const options: LearningOptions = {
  objective: { kind: 'multi-similarity' },
  easyPositives: false,
  jrd: null,
  dimensions: WIDTH,
  steps: 400,
  seed: SEED,
  testShare: 0.25,
  starts: ['pca'],
  learners: null,
  head: { kind: 'linear' },
  dropout: 0.2,
  views: 1,
  otherViews: [],
  rate: null,
  resumeFrom: null,
  parts: null,
  signal: new AbortController().signal,
  onProgress() {},
  async onCheckpoint() {},
}
const session = await openProductSession({
  float32: rowProductsGraph('float32'),
  float64: rowProductsGraph('float64'),
})
after(() => session.close())
const engine: LearningEngine = {
  open: (graph, embedding) => openTrainingSession({ graph, embedding }),
  products: (left, right) => session.multiply(left, right),
}
const learn = (more: Partial<LearningOptions> = {}, of: readonly string[] = labels) =>
  learnEmbedding(features, of, { ...options, ...more }, engine)

test('where half of the features are noise a head is learnt, chosen, and better on unseen classes', async () => {
  const { head, choice, chosen, test: tested } = await learn({ starts: HEAD_STARTS })
  const message = `seed ${SEED}, ${JSON.stringify(tested)}`
  assert.ok(head.bestStep > 0, message)
  assert.ok(choice.beatsBackbone, message)
  assert.ok(['head', 'joined'].includes(chosen.kind), message)
  assert.ok(tested.chosen.lift.interval[0] > 0, message)
  assert.ok(tested.chosen.measures.mapAtR > tested.pca.measures.mapAtR, message)
})

test('a head is that of the check that was best on the validation classes', async () => {
  const checks: (readonly [number, number])[] = []
  const onProgress: LearningOptions['onProgress'] = ({ head, step, mapAtR }) => {
    if (head === 1) checks.push([step, mapAtR!])
  }
  const { foldHeads, head } = await learn({ onProgress, starts: ['whitened'], rate: 3e-3 })
  const most = Math.max(...checks.map(([, mapAtR]) => mapAtR))
  const message = `seed ${SEED}, ${checks.join(' ')}`
  assert.equal(foldHeads[0]?.bestStep, checks.find(([, mapAtR]) => mapAtR === most)?.[0], message)
  assert.notEqual(foldHeads[0]?.bestStep, checks.at(-1)?.[0], message)
  // The last one is trained for as long as those were good for.
  const steps = foldHeads.map(({ bestStep }) => bestStep)
  assert.equal(head.steps, Math.round(steps.reduce((a, b) => a + b, 0) / steps.length))
})

test('a divided head is trained for the middle one of the steps that were best in the folds', async () => {
  const learners = { kind: 'slices', count: 4 } as const
  const { foldHeads, head } = await learn({
    learners,
    steps: 200,
    starts: ['whitened'],
    rate: 3e-3,
  })
  const steps = foldHeads.map(({ bestStep }) => bestStep).sort((a, b) => a - b)
  const mean = Math.round(steps.reduce((a, b) => a + b, 0) / steps.length)
  assert.notEqual(steps[1], mean, `seed ${SEED}, ${steps}: the mean is the same`)
  assert.equal(head.steps, steps[1], `seed ${SEED}, ${steps}`)
})

test('JRD and easy positives change what is learnt', async () => {
  const steps = 20
  const weights = async (more: Partial<LearningOptions>) => {
    const { head } = await learn({ ...more, steps })
    return head.layers.last.weight
  }
  const proxies = { objective: { kind: 'am-softmax' } } as const
  assert.notDeepEqual(await weights({ ...proxies, jrd: { weight: 5 } }), await weights(proxies))
  assert.notDeepEqual(await weights({ easyPositives: true }), await weights({}))
})

test('a head starts from inner maps where they tell classes apart, alone and as one start of all', async () => {
  // The features are noise; what tells the classes apart stands beside them.
  const random = seededRandom(41)
  const noise = unitFeatures(
    features.values.map(() => random() - 0.5),
    WIDTH,
  )
  const beside = new Float32Array(2 * features.values.length)
  for (let row = 0; row < features.count; row++) {
    beside.set(rowOf(noise, row), 2 * row * WIDTH)
    beside.set(rowOf(features, row), (2 * row + 1) * WIDTH)
  }
  const inner = { features: unitFeatures(beside, 2 * WIDTH), otherViews: [] }
  for (const starts of [['inner'], HEAD_STARTS] as const) {
    const given = { ...options, starts, steps: 60, inner }
    const { head, chosen, test: tested } = await learnEmbedding(noise, labels, given, engine)
    const message = `seed ${SEED}, ${JSON.stringify(tested)}`
    assert.equal(head.start, 'inner', message)
    assert.ok(chosen.kind !== 'backbone' && chosen.kind !== 'pca', message)
    assert.ok(tested.chosen.measures.mapAtR > 2 * tested.backbone.measures.mapAtR, message)
  }
})

test('without inner maps no head starts from them, and where that is the only start it is refused', async () => {
  const steps = 20
  const without = await learn({ steps, starts: ['whitened'] })
  assert.deepEqual(await learn({ steps, starts: ['inner', 'whitened'] }), without)
  await assert.rejects(learn({ starts: ['inner'] }), failsWith('TRAINING_INVALID', 'inner'))
})

test('labels by chance do no harm: the backbone or the PCA is chosen', async () => {
  for (const seed of [1, 2, 3]) {
    const shuffled = sampleBatch(
      [[...labels.keys()]],
      { classes: 1, perClass: labels.length },
      seededRandom(seed),
    ).map((row) => labels[row]!)
    const { kind } = (await learn({ seed, steps: 60 }, shuffled)).chosen
    assert.ok(['backbone', 'pca'].includes(kind), `seed ${seed}: ${kind}`)
  }
})

test('the seed makes the head, bit by bit', async () => {
  const [first, second] = [await learn({ steps: 40 }), await learn({ steps: 40 })]
  assert.deepEqual(first, second)
  const other = await learn({ steps: 40, seed: SEED + 1 })
  assert.notDeepEqual(other.split, first.split)
})

test('other views change the head, and are never searched: not to validate, not to test', async () => {
  const random = seededRandom(21)
  const noise = unitFeatures(
    features.values.map(() => random() - 0.5),
    WIDTH,
  )
  const plain = await learn({ steps: 20 })
  const viewed = await learn({ steps: 20, otherViews: [noise] })
  assert.notDeepEqual(viewed.head.layers, plain.head.layers)
  assert.deepEqual(viewed.test.backbone, plain.test.backbone)
  // Steps too short to move it leave the head at its start.
  const still = { steps: 20, rate: Number.MIN_VALUE }
  const [first, second] = [await learn(still), await learn({ ...still, otherViews: [noise] })]
  assert.deepEqual(second.test, first.test)
  const judged = ({ foldHeads }: typeof first) => foldHeads.map(({ mapAtR }) => mapAtR)
  assert.deepEqual(judged(second), judged(first))
})

test('a training that is stopped while a start is found makes no further product', async () => {
  const stop = new AbortController()
  let made = 0
  const products: LearningEngine['products'] = async (left, right) => {
    made++
    stop.abort()
    return await engine.products(left, right)
  }
  const given = { ...options, starts: ['whitened'], signal: stop.signal } as const
  const stopped = learnEmbedding(features, labels, given, { ...engine, products })
  await assert.rejects(stopped, failsWith('CANCELLED', 'between the steps'))
  assert.equal(made, 1)
})

test('the training stops when its signal aborts, and its thread ends', async () => {
  const stop = new AbortController()
  const closed: string[] = []
  const watched: LearningEngine['open'] = async (graph, embedding) => {
    const session = await openTrainingSession({ graph, embedding })
    return {
      steps: (inputs) => session.steps(inputs),
      read: (names) => session.read(names),
      write: (values) => session.write(values),
      embed: (values, rows) => session.embed(values, rows),
      async close() {
        await session.close()
        closed.push('closed')
      },
    }
  }
  const stopped = learnEmbedding(
    features,
    labels,
    { ...options, signal: stop.signal, onProgress: () => stop.abort() },
    { ...engine, open: watched },
  )
  await assert.rejects(stopped, failsWith('CANCELLED', '20 of 400 steps'))
  assert.deepEqual(closed, ['closed'])
})

test('features that are no numbers, and more dimensions than they have, are refused', async () => {
  const broken = { ...features, values: features.values.slice() }
  broken.values[3 * WIDTH + 1] = Number.NaN
  await assert.rejects(
    learnEmbedding(broken, labels, options, engine),
    failsWith('INVALID_VECTOR', 'NaN in row 3'),
  )
  await assert.rejects(learn({ otherViews: [broken] }), failsWith('INVALID_VECTOR', 'NaN in row 3'))
  await assert.rejects(learn({ dimensions: 25 }), failsWith('TRAINING_INVALID', '24', '25'))
})

test('a training resumed from a checkpoint ends like one that was never stopped', async () => {
  const recipes: readonly Partial<LearningOptions>[] = [
    { starts: ['identity', 'whitened'], steps: 60 },
    { head: { kind: 'mlp', hidden: 16 }, steps: 60 },
    { steps: 60, learners: { kind: 'slices', count: 4 } },
    { steps: 60, learners: { kind: 'masks', count: 4 } },
  ]
  for (const recipe of recipes) {
    const whole = await learn(recipe)
    const stop = new AbortController()
    const checkpoints: HeadsCheckpoint[] = []
    const stopped = learn({
      ...recipe,
      signal: stop.signal,
      onProgress: ({ head, heads, step }) => {
        if (head === heads - 1 && step === 40) stop.abort()
      },
      onCheckpoint: async (take) => {
        checkpoints.push(await take())
      },
    })
    await assert.rejects(stopped, failsWith('CANCELLED'))
    const from = structuredClone(checkpoints.at(-1)!)
    assert.ok(from.heads.length > 0 && from.current.step === 40)
    const trainedAgain = new Set<number>()
    const resumed = await learn({
      ...recipe,
      resumeFrom: from,
      onProgress: ({ head }) => trainedAgain.add(head),
    })
    assert.ok(Math.min(...trainedAgain) > from.heads.length, `${[...trainedAgain]}`)
    assert.deepEqual(resumed, whole, `seed ${SEED}, ${JSON.stringify(recipe)}`)
  }
})
