import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  openTrainingSession,
  type TrainingSession,
} from '../../../src/adapters/onnxruntime/training-session.ts'
import type { TrainingGraphOptions } from '../../../src/learning/graph/graph-options.ts'
import { buildEmbeddingGraph, HEAD_PARAMETERS } from '../../../src/learning/graph/head.ts'
import { stackSteps, stepTensors } from '../../../src/learning/graph/step-tensors.ts'
import {
  buildTrainingGraph,
  type TrainingGraph,
} from '../../../src/learning/graph/training-graph.ts'
import { sampleBatch } from '../../../src/learning/heads/batches.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'
import { openGraph } from '../../support/run-graph.ts'
import { gatherRows, separation, syntheticClasses } from '../../support/synthetic-classes.ts'

const INPUTS = 24
const WEIGHT = HEAD_PARAMETERS.weight
const SHAPE = {
  inputDimensions: INPUTS,
  dimensions: 8,
  classes: 10,
  seed: 1,
  batch: { classes: 5, perClass: 4 },
}

function graphOf(
  options: Pick<TrainingGraphOptions, 'objective' | 'jrd' | 'learners' | 'easyPositives'>,
  head: TrainingGraphOptions['head'] = { kind: 'linear' },
): TrainingGraph {
  return buildTrainingGraph({ ...SHAPE, head, ...options })
}

async function withSession<T>(
  graph: TrainingGraph,
  use: (session: TrainingSession) => Promise<T>,
): Promise<T> {
  const session = await openTrainingSession({ graph })
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}

/** Takes steps on synthetic classes, some at a time; all chance comes of the seed. */
async function train(
  session: TrainingSession,
  graph: TrainingGraph,
  count: number,
  seed: number,
  together = 1,
) {
  const random = seededRandom(seed)
  const data = syntheticClasses(seededRandom(77), seededRandom(78), 10, 12, INPUTS)
  const steps = Array.from({ length: count }, (_, i) => {
    const images = sampleBatch(data.members, SHAPE.batch, random)
    const step = {
      features: gatherRows(data.features, INPUTS, images),
      labels: images.map((image) => data.labels[image]!),
      learningRate: 0.01 * Math.min(1, (i + 1) / 10),
      learner: i % 2,
    }
    return stepTensors(graph, step, random)
  })
  const losses: number[] = []
  for (let i = 0; i < count; i += together) {
    losses.push(...(await session.steps(stackSteps(steps.slice(i, i + together)))).loss!)
  }
  return losses
}

const REPEATED = {
  margin: graphOf({ objective: { kind: 'margin' } }),
  'proxy-anchor with JRD': graphOf(
    { objective: { kind: 'proxy-anchor', proxyRate: 10 }, jrd: {} },
    { kind: 'mlp', hidden: 16 },
  ),
  'masks over multi-similarity with easy positives': graphOf({
    objective: { kind: 'multi-similarity' },
    easyPositives: true,
    learners: { kind: 'masks', count: 2 },
  }),
}

for (const [name, graph] of Object.entries(REPEATED)) {
  test(`two runs of 50 steps of ${name} are bit-identical`, async () => {
    const run = () =>
      withSession(graph, async (session) => {
        const losses = await train(session, graph, 50, 5)
        return { losses, state: await session.read(graph.state.map((tensor) => tensor.name)) }
      })
    const [first, second] = [await run(), await run()]
    assert.ok(first.losses.every(Number.isFinite), `losses ${first.losses}`)
    assert.deepEqual(first, second)
    assert.notDeepEqual(first.state[WEIGHT], graph.state[0]!.initial)
  })
}

for (const [name, graph] of Object.entries(REPEATED)) {
  test(`steps of ${name} are the same, bit by bit, one by one and seven at a time`, async () => {
    const run = (together: number) =>
      withSession(graph, async (session) => {
        const losses = await train(session, graph, 17, 5, together)
        return { losses, state: await session.read(graph.state.map((tensor) => tensor.name)) }
      })
    const alone = await run(1)
    assert.equal(new Set(alone.losses).size, 17)
    assert.deepEqual(await run(7), alone)
  })
}

test('training raises the separation of images that it has not seen', async () => {
  const graph = graphOf({ objective: { kind: 'multi-similarity' } })
  await withSession(graph, async (session) => {
    const unseen = syntheticClasses(seededRandom(77), seededRandom(79), 10, 12, INPUTS)
    const separated = async () =>
      separation(unseen, (await session.read([WEIGHT]))[WEIGHT]!, SHAPE.dimensions)
    const before = await separated()
    await train(session, graph, 150, 6)
    const after = await separated()
    assert.ok(after > 2 * before, `ratio of distances ${before} before, ${after} after; seed 6`)
  })
})

test('what is written is what the next step starts from', async () => {
  const graph = graphOf({ objective: { kind: 'contrastive' } })
  await withSession(graph, async (session) => {
    const zeros = new Float32Array(INPUTS * SHAPE.dimensions)
    await session.write({ [WEIGHT]: zeros })
    assert.deepEqual(await session.read([WEIGHT]), { [WEIGHT]: zeros })
    const [loss] = await train(session, graph, 1, 3)
    // All embeddings are zero: every pair is at the floor of distances, 1e-3.
    assert.ok(Math.abs(loss! - (0.001 + 0.999)) < 1e-6, `got ${loss}`)
    await assert.rejects(
      session.write({ [WEIGHT]: new Float32Array(3) }),
      failsWith('THREAD_FAILED', '192', '3'),
    )
    await assert.rejects(session.read(['head/wait']), failsWith('THREAD_FAILED', 'head/wait'))
  })
})

test('the embedding graph shows the parameters as they are', async () => {
  for (const head of [{ kind: 'linear' }, { kind: 'mlp', hidden: 16 }] as const) {
    const graph = graphOf({ objective: { kind: 'contrastive' } }, head)
    const embedding = buildEmbeddingGraph({ ...SHAPE, head }, null)
    const session = await openTrainingSession({ graph, embedding })
    try {
      const features = syntheticClasses(seededRandom(1), seededRandom(2), 3, 2, INPUTS).features
      const before = await session.embed(features, 6)
      await train(session, graph, 3, 3)
      const names = graph.parameters.map(({ name }) => name)
      const exported = buildEmbeddingGraph({ ...SHAPE, head }, await session.read(names))
      await using runnable = await openGraph(exported)
      const feeds = { features: { dims: [6, INPUTS], values: features } }
      const after = await session.embed(features, 6)
      assert.deepEqual(Array.from(after), Array.from((await runnable.run(feeds)).embedding!))
      assert.notDeepEqual(after, before)
    } finally {
      await session.close()
    }
  }
})

test('without an embedding graph nothing is embedded', async () => {
  await withSession(graphOf({ objective: { kind: 'contrastive' } }), async (session) => {
    const embedding = session.embed(new Float32Array(INPUTS), 1)
    await assert.rejects(embedding, failsWith('THREAD_FAILED', 'embedding graph'))
  })
})

test('a step that cannot run fails by its reason, and the next one runs', async () => {
  const graph = graphOf({ objective: { kind: 'contrastive' } })
  await withSession(graph, async (session) => {
    await assert.rejects(session.steps({}), failsWith('THREAD_FAILED', 'missing'))
    assert.equal((await train(session, graph, 1, 3)).length, 1)
  })
})

test('a graph that onnxruntime cannot load is refused', async () => {
  const graph = { bytes: Buffer.from('no graph'), state: [], reports: [] }
  await assert.rejects(openTrainingSession({ graph }), failsWith('ONNX_INVALID', 'onnxruntime'))
})

test('a provider by name that cannot start is an error with the reason', async () => {
  const graph = graphOf({ objective: { kind: 'contrastive' } })
  await assert.rejects(
    openTrainingSession({ graph, provider: 'tensorrt' }),
    failsWith('PROVIDER_UNAVAILABLE', 'tensorrt'),
  )
})

const nothing = { bytes: new Uint8Array(1), state: [], reports: [] }

test('when the thread dies, the waiting and the later steps fail instead of hanging', async () => {
  const script = new URL('../../support/dying-thread.js', import.meta.url)
  const session = await openTrainingSession({ graph: nothing, script })
  await assert.rejects(session.steps({}), failsWith('THREAD_FAILED', 'exit code'))
  await assert.rejects(session.read([]), failsWith('THREAD_FAILED', 'exit code'))
  await session.close()
})

test('a thread that never answers a step is given up', async () => {
  const script = new URL('../../support/silent-thread.js', import.meta.url)
  const session = await openTrainingSession({ graph: nothing, script, answerTimeoutMs: 20 })
  await assert.rejects(session.steps({}), failsWith('THREAD_FAILED', '20 ms'))
  await session.close()
})
