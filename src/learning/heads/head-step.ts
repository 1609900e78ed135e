import { type Random, seededRandom } from '../../vector/random.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import type { Turn } from '../divide/curriculum.ts'
import { type StepTensor, stepTensors } from '../graph/step-tensors.ts'
import type { TrainingGraph } from '../graph/training-graph.ts'
import type { TrainingRecipe } from '../recipe.ts'
import { type BatchShape, sampleBatch } from './batches.ts'

interface StepOptions extends Pick<TrainingRecipe, 'seed' | 'dropout' | 'steps'> {
  readonly batch: BatchShape
  readonly rate: number
}

/**
 * Makes the tensors of step `at` of a head's training. Each step has a random source of its own, so
 * that a training can be resumed at any.
 */
export function headStep(
  at: number,
  turn: Turn,
  { features, otherViews = [], numbers }: ClassedFeatures,
  graph: TrainingGraph,
  { seed, batch, dropout, rate, steps }: StepOptions,
): Record<string, StepTensor> {
  const random = seededRandom(seed + Math.imul(at + 1, 0x9e3779b1))
  const rows = sampleBatch(turn.members, batch, random)
  const views = [features, ...otherViews] as const
  const viewed = rows.map((row) => ({ row, view: drawView(views, random) }))
  const seesWhole = graph.inputs.some(({ name }) => name === 'whole features')
  const step = {
    ...turn,
    features: droppedRows(viewed, dropout, random),
    wholeFeatures: seesWhole ? droppedRows(viewed, 0, random) : undefined,
    labels: rows.map((row) => numbers.classes[row]!),
    images: rows,
    learningRate: rateAt(at, { rate, steps, warmUpSteps: Math.ceil(steps / 15) }),
  }
  return stepTensors(graph, step, random)
}

/** An image of a batch, as one of its views shows it. */
interface ViewedRow {
  readonly row: number
  readonly view: RowMatrix
}

/** Draws one of the views, each as likely; of one it takes no chance. */
function drawView(views: readonly [RowMatrix, ...RowMatrix[]], random: Random): RowMatrix {
  if (views.length === 1) return views[0]
  return views[Math.floor(random() * views.length)]!
}

/** Drops a share of the features; the others are scaled up, to keep the mean (inverted dropout). */
function droppedRows(rows: readonly ViewedRow[], share: number, random: Random): Float32Array {
  const { dimensions } = rows[0]!.view
  const batch = new Float32Array(rows.length * dimensions)
  const scale = 1 / (1 - share)
  for (const [at, { row, view }] of rows.entries()) {
    for (let i = 0; i < dimensions; i++) {
      if (share > 0 && random() < share) continue
      batch[at * dimensions + i] = scale * view.values[row * dimensions + i]!
    }
  }
  return batch
}

/**
 * Gives the learning rate: a linear warm-up to `rate`, then half a cosine down to 0 after the last
 * step (Loshchilov and Hutter, SGDR, 2017, without restarts).
 * @param step from 0 to `steps` - 1.
 */
export function rateAt(
  step: number,
  { rate, steps, warmUpSteps }: Readonly<Record<'rate' | 'steps' | 'warmUpSteps', number>>,
): number {
  if (step < warmUpSteps) return (rate * (step + 1)) / warmUpSteps
  const share = (step - warmUpSteps) / Math.max(1, steps - warmUpSteps)
  return (rate * (1 + Math.cos(Math.PI * share))) / 2
}
