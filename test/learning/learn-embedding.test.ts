import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TrainingSession } from '../../src/adapters/onnxruntime/training-session.ts'
import { sampleBatch } from '../../src/learning/batch-sampler.ts'
import { type LearningOptions, learnEmbedding } from '../../src/learning/learn-embedding.ts'
import type { OpenTrainer } from '../../src/learning/train-head.ts'
import { seededRandom } from '../../src/vector/random.ts'
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
  ...{ easyPositives: false, jrd: null },
  ...{ dimensions: WIDTH, steps: 400, seed: SEED },
  signal: new AbortController().signal,
  onProgress() {},
}
const open: OpenTrainer = (graph, embedding) => TrainingSession.open({ graph, embedding })
const learn = (more: Partial<LearningOptions> = {}, of: readonly string[] = labels) =>
  learnEmbedding(features, of, { ...options, ...more }, open)

test('where half of the features are noise a head is learnt, chosen, and better on unseen classes', async () => {
  const { head, choice, test: tested } = await learn()
  const said = `seed ${SEED}, ${JSON.stringify(tested)}`
  assert.ok(head.bestStep > 0, said)
  assert.ok(choice.beatsBackbone, said)
  assert.ok(['head', 'joined'].includes(choice.chosen.transform.kind), said)
  assert.ok(tested.chosen.lift.interval[0] > 0, said)
  assert.ok(tested.chosen.measures.mapAtR > tested.pca.measures.mapAtR, said)
})

test('the head is that of the check that was best on the validation classes', async () => {
  const checks: (readonly [number, number])[] = []
  const onProgress: LearningOptions['onProgress'] = ({ step, mapAtR }) => {
    checks.push([step, mapAtR])
  }
  const { head } = await learn({ onProgress })
  const most = Math.max(...checks.map(([, mapAtR]) => mapAtR))
  const said = `seed ${SEED}, ${checks.join(' ')}`
  assert.equal(head.bestStep, checks.find(([, mapAtR]) => mapAtR === most)?.[0], said)
  assert.notEqual(head.bestStep, checks.at(-1)?.[0], said)
})

test('JRD and easy positives change what is learnt', async () => {
  const steps = 20
  const weights = async (more: Partial<LearningOptions>) => {
    const { head } = await learn({ ...more, steps })
    return head.affine.weight
  }
  const proxies = { objective: { kind: 'am-softmax' } } as const
  assert.notDeepEqual(await weights({ ...proxies, jrd: 5 }), await weights(proxies))
  assert.notDeepEqual(await weights({ easyPositives: true }), await weights({}))
})

test('labels by chance do no harm: the backbone or the PCA is chosen', async () => {
  for (const seed of [1, 2, 3]) {
    const shuffled = sampleBatch(
      [[...labels.keys()]],
      { classes: 1, perClass: labels.length },
      seededRandom(seed),
    ).map((row) => labels[row]!)
    const { choice } = await learn({ seed, steps: 60 }, shuffled)
    const { kind } = choice.chosen.transform
    assert.ok(['backbone', 'pca'].includes(kind), `seed ${seed}: ${kind}`)
  }
})

test('the seed makes the head, bit by bit', async () => {
  const [first, second] = [await learn({ steps: 40 }), await learn({ steps: 40 })]
  assert.deepEqual(first, second)
  const other = await learn({ steps: 40, seed: SEED + 1 })
  assert.notDeepEqual(other.split, first.split)
})

test('the training stops when it is told to, and its thread ends', async () => {
  const stop = new AbortController()
  const closed: string[] = []
  const watched: OpenTrainer = async (graph, embedding) => {
    const session = await TrainingSession.open({ graph, embedding })
    return {
      step: (inputs) => session.step(inputs),
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
    watched,
  )
  await assert.rejects(stopped, failsWith('CANCELLED', '20 of 400 steps'))
  assert.deepEqual(closed, ['closed'])
})

test('features that are no numbers, and more dimensions than they have, are refused', async () => {
  const broken = { ...features, values: features.values.slice() }
  broken.values[3 * WIDTH + 1] = Number.NaN
  await assert.rejects(
    learnEmbedding(broken, labels, options, open),
    failsWith('INVALID_VECTOR', 'NaN in row 3'),
  )
  await assert.rejects(learn({ dimensions: 25 }), failsWith('TRAINING_INVALID', '24', '25'))
})
