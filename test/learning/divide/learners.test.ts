import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LearnersOptions, MASKS_PARAMETER } from '../../../src/learning/divide/learners.ts'
import type { Step } from '../../../src/learning/graph/step-tensors.ts'
import { buildTrainingGraph } from '../../../src/learning/graph/training-graph.ts'
import { OBJECTIVE_DEFAULTS } from '../../../src/learning/losses/objective.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'
import { dot, mean, referenceLoss, rowsOf, unit } from '../../support/reference-losses.ts'
import { openSteps, type State } from '../../support/training-step.ts'

const D = 6
const labels = [0, 0, 1, 1, 2, 2]
const seed = 31

function build(learners: LearnersOptions) {
  return buildTrainingGraph({
    objective: { kind: 'contrastive' },
    learners,
    head: { kind: 'linear' },
    seed,
    inputDimensions: D,
    dimensions: D,
    classes: 3,
    batch: { classes: 3, perClass: 2 },
    optimiser: { kind: 'sgd', momentum: 0, weightDecay: 0 },
    precision: 'float64',
  })
}

/** A step on random features by an identity head, so that the vectors are the features. */
async function runStep(learners: LearnersOptions, turn: Pick<Step, 'learner' | 'activeLearners'>) {
  await using steps = await openSteps(build(learners), 'float64')
  const random = seededRandom(seed)
  const features = Float32Array.from({ length: labels.length * D }, () => gaussian(random))
  const identity = Float64Array.from({ length: D * D }, (_, i) => (i % (D + 1) === 0 ? 1 : 0))
  const before: State = { ...steps.initial, 'head/weight': identity }
  const step: Step = { features, labels, learningRate: 0.1, ...turn }
  const { reports, state } = await steps.step(step, random, before)
  return { reports, before, after: state, vectors: rowsOf(features, D) }
}

function contrastive(vectors: readonly (readonly number[])[]): number {
  const batch = { vectors, labels, easy: false, dimensions: D }
  return referenceLoss(OBJECTIVE_DEFAULTS.contrastive, batch)
}

function assertNear(got: number | undefined, wanted: number): void {
  assert.ok(Math.abs(got! - wanted) < 1e-10, `got ${got}, wanted ${wanted}; seed ${seed}`)
}

test('learner k of fixed slices sees and trains its slice alone', async () => {
  for (const learner of [0, 1, 2]) {
    const slices = { kind: 'slices', count: 3 } as const
    const { reports, before, after, vectors } = await runStep(slices, { learner })
    const [from, to] = [learner * 2, learner * 2 + 2]
    assertNear(reports.loss, contrastive(vectors.map((row) => row.slice(from, to))))
    const changed = rowsOf(after['head/weight']!, D).map((row, i) =>
      row.map((value, j) => value !== before['head/weight']![i * D + j]),
    )
    const wanted = changed.map((row) => row.map((_, j) => j >= from && j < to))
    assert.deepEqual(changed, wanted)
  }
})

test('in the conquer phase of slices the embedding is the exported one: unit slices side by side', async () => {
  const { reports, vectors } = await runStep({ kind: 'slices', count: 3 }, { learner: 'all' })
  const slices = vectors.map((row) => [0, 2, 4].flatMap((from) => unit(row.slice(from, from + 2))))
  assertNear(reports.loss, contrastive(slices))
})

test('in the conquer phase of masks the whole embedding is seen', async () => {
  const { reports, vectors } = await runStep({ kind: 'masks', count: 3 }, { learner: 'all' })
  assertNear(reports.loss, contrastive(vectors))
})

const masks = { kind: 'masks', count: 3, start: 'gaussian', orthogonality: 0.4 } as const
const rectified = (row: readonly number[]) => row.map((value) => Math.max(0, value))

test('learner k of learnt masks sees the embedding weighted by relu of its mask', async () => {
  const { reports, before, vectors } = await runStep(masks, { learner: 2 })
  const mask = rectified(rowsOf(before[MASKS_PARAMETER]!, D)[2]!)
  const seen = vectors.map((row) => row.map((value, i) => value * mask[i]!))
  assertNear(reports.objective, contrastive(seen))
  assertNear(reports.loss, reports.objective! + reports.orthogonality!)
})

test('learnt masks pay for the mean cosine of those that are active', async () => {
  for (const activeLearners of [2, 3]) {
    const { reports, before } = await runStep(masks, { learner: 0, activeLearners })
    const active = rowsOf(before[MASKS_PARAMETER]!, D).slice(0, activeLearners).map(rectified)
    const cosines = active.flatMap((a, i) =>
      active.filter((_, j) => j !== i).map((b) => dot(unit(a), unit(b))),
    )
    assertNear(reports.orthogonality, 0.4 * mean(cosines))
  }
  const conquering = await runStep(masks, { learner: 'all' })
  assert.equal(conquering.reports.orthogonality, 0)
})

test('learners that cannot share the embedding are refused', () => {
  assert.throws(() => build({ kind: 'slices', count: 4 }), failsWith('TRAINING_INVALID', '6', '4'))
  assert.throws(() => build({ kind: 'slices', count: 1 }), failsWith('TRAINING_INVALID', '1'))
  const weight = { kind: 'masks', count: 2, orthogonality: -1 } as const
  assert.throws(() => build(weight), failsWith('TRAINING_INVALID', '-1'))
})

test('a learner that there is not is refused', async () => {
  const slices = { kind: 'slices', count: 3 } as const
  await assert.rejects(runStep(slices, { learner: 4 }), failsWith('TRAINING_INVALID', '4'))
  await assert.rejects(runStep(slices, {}), failsWith('TRAINING_INVALID', 'undefined'))
})
