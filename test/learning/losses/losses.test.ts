import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepTensors } from '../../../src/learning/graph/step-tensors.ts'
import { buildTrainingGraph } from '../../../src/learning/graph/training-graph.ts'
import {
  type ObjectiveOptions,
  resolveObjective,
  usesProxies,
} from '../../../src/learning/losses/objective.ts'
import { gaussian, type Random, seededRandom } from '../../../src/vector/random.ts'
import { referenceLoss, rowsOf } from '../../support/reference-losses.ts'
import { openSteps, type State } from '../../support/training-step.ts'

const BATCH = { classes: 4, perClass: 3 }
const N = 12
const CLASSES = 12
const DIMENSIONS = 6

const OBJECTIVES: readonly (readonly [ObjectiveOptions, 'also easy' | 'proxies'])[] = [
  [{ kind: 'contrastive', positiveMargin: 0.3 }, 'also easy'],
  [{ kind: 'triplet', mining: 'all' }, 'also easy'],
  [{ kind: 'triplet', mining: 'semi-hard' }, 'also easy'],
  [{ kind: 'triplet', mining: 'batch-hard', margin: 0.3 }, 'also easy'],
  [{ kind: 'triplet', mining: 'batch-hard', soft: true }, 'also easy'],
  [{ kind: 'margin', boundaryPerClass: true, boundaryWeight: 0.1 }, 'also easy'],
  [{ kind: 'margin', boundary: 0.8, learnBoundary: false, farCutoff: 0.9 }, 'also easy'],
  [{ kind: 'margin', nearCutoff: 1.2 }, 'also easy'],
  [{ kind: 'lifted' }, 'also easy'],
  [{ kind: 'lifted', scale: 1, l2: 0.3 }, 'also easy'],
  [{ kind: 'lifted', normalise: true, scale: 4 }, 'also easy'],
  [{ kind: 'lifted', form: 'generalised' }, 'also easy'],
  [{ kind: 'lifted', form: 'generalised', scale: 3 }, 'also easy'],
  [{ kind: 'n-pairs', scale: 1, l2: 0.3 }, 'also easy'],
  [{ kind: 'n-pairs' }, 'also easy'],
  [{ kind: 'info-nce' }, 'also easy'],
  [{ kind: 'multi-similarity' }, 'also easy'],
  [{ kind: 'am-softmax' }, 'proxies'],
  [{ kind: 'arcface' }, 'proxies'],
  [{ kind: 'proxy-anchor' }, 'proxies'],
]

interface Sample {
  readonly features: Float32Array
  readonly labels: readonly number[]
  /** The image of each row. */
  readonly images: readonly number[]
}

/**
 * Draws the batch of a trial: in 20, one has a single class, one a single image of each, some have
 * copies of an image or equal images, and some only axes, between which distances tie exactly in any
 * precision.
 */
function sampleBatchOf(trial: number, random: Random): Sample {
  const images = Array.from({ length: N }, (_, i) => i)
  const grouped = Array.from({ length: N }, (_, i) => Math.floor(i / BATCH.perClass))
  const labels =
    trial === 0
      ? grouped.map(() => 5)
      : trial === 1
        ? grouped.map((_, i) => i)
        : trial % 3 === 0
          ? grouped.map(() => Math.floor(random() * 3))
          : grouped
  if (trial % 4 === 2) {
    const features = new Float32Array(N * DIMENSIONS)
    for (let i = 0; i < N; i++) {
      features[i * DIMENSIONS + Math.floor(random() * DIMENSIONS)] = random() < 0.5 ? -2 : 1
    }
    return { features, labels, images }
  }
  const features = Float32Array.from({ length: N * DIMENSIONS }, () => gaussian(random))
  if (trial % 4 !== 3) return { features, labels, images }
  features.copyWithin(DIMENSIONS, 0, DIMENSIONS)
  // A class of two images fills its third place with a copy, one of a single image all three.
  const copied = trial % 8 === 3 ? images : [0, 0, 2, 3, 4, 5, 6, 6, 6, 9, 10, 9]
  for (const [row, image] of copied.entries()) {
    features.copyWithin(row * DIMENSIONS, image * DIMENSIONS, (image + 1) * DIMENSIONS)
  }
  return { features, labels: grouped, images: copied }
}

const identity = Float64Array.from({ length: DIMENSIONS ** 2 }, (_, i) =>
  i % (DIMENSIONS + 1) === 0 ? 1 : 0,
)

async function assertAgrees(options: ObjectiveOptions, easyPositives: boolean): Promise<void> {
  const objective = resolveObjective(options)
  const graph = buildTrainingGraph({
    objective: options,
    easyPositives,
    batch: BATCH,
    classes: CLASSES,
    seed: 3,
    head: { kind: 'linear' },
    inputDimensions: DIMENSIONS,
    dimensions: DIMENSIONS,
    optimiser: { kind: 'sgd', momentum: 0, weightDecay: 0 },
  })
  await using steps = await openSteps(graph)
  const state: State = { ...steps.initial, 'head/weight': identity }
  if (usesProxies(objective)) {
    // Proxies on the axes, so that images can lie on their own or opposite.
    state.proxies = Float64Array.from({ length: CLASSES * DIMENSIONS }, (_, i) => {
      const [c, axis] = [Math.floor(i / DIMENSIONS), i % DIMENSIONS]
      return c % DIMENSIONS === axis ? (c < DIMENSIONS ? 0.5 : -3) : 0
    })
  }
  if (state['class boundaries']) {
    state['class boundaries'] = Float64Array.from({ length: CLASSES }, (_, c) => c / 64)
  }
  let largest = 0
  for (let trial = 0; trial < 20; trial++) {
    const seed = 100 + trial
    const random = seededRandom(seed)
    const { features, labels, images } = sampleBatchOf(trial, random)
    const step = { features, labels, images, learningRate: 0.1 }
    const { reports } = await steps.step(step, seededRandom(seed), state)
    const noise = stepTensors(graph, step, seededRandom(seed))['negative noise']
    const rows = (values: ArrayLike<number>) => rowsOf(values, DIMENSIONS)
    const shared = state.boundary?.[0] ?? (objective.kind === 'margin' ? objective.boundary : 0)
    const wanted = referenceLoss(objective, {
      vectors: rows(features),
      labels,
      images,
      easy: easyPositives,
      dimensions: DIMENSIONS,
      ...(state.proxies ? { proxies: rows(state.proxies) } : {}),
      draws: BATCH.perClass - 1,
      noise: (draw, anchor, candidate) =>
        Number(noise!.values[(draw * N + anchor) * N + candidate]),
      boundaries: labels.map((y) => shared + (state['class boundaries']?.[y] ?? 0)),
    })
    const got = reports.loss!
    const tolerance = 1e-5 * Math.max(Math.abs(wanted), 0.05)
    assert.ok(
      Math.abs(got - wanted) <= tolerance,
      `${JSON.stringify(options)}: got ${got}, the formula gives ${wanted}; batch ${trial}, seed ${seed}`,
    )
    largest = Math.max(largest, wanted)
  }
  assert.ok(largest > 0.05, `expected a batch with a loss, got at most ${largest}`)
}

for (const [options, kind] of OBJECTIVES) {
  test(`the loss of ${JSON.stringify(options)} is that of its formula`, async () => {
    await assertAgrees(options, false)
  })
  if (kind === 'proxies') continue
  test(`the loss of ${JSON.stringify(options)} with easy positives is that of its formula`, async () => {
    await assertAgrees(options, true)
  })
}
