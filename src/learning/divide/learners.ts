import { asFloat, greater } from '../../onnx/autodiff/choices.ts'
import { unitRows } from '../../onnx/autodiff/formulas.ts'
import type { GraphBuilder, Value } from '../../onnx/autodiff/graph-builder.ts'
import {
  add,
  atLeast,
  div,
  matmul,
  mul,
  reshape,
  sub,
  sum,
  transpose,
} from '../../onnx/autodiff/primitives.ts'
import { gaussian, type Random } from '../../vector/random.ts'
import type { ParameterSet } from '../graph/parameters.ts'
import { trainingInvalid } from '../training-invalid.ts'

/** The official run's values for `masks`. */
export const MASKS_DEFAULTS = {
  /** The paper's lambda: weight of the mean cosine between two learners' masks. */
  orthogonality: 0.01,
  maskRate: 100,
  maskDecays: true,
  /** All ones, or normal with mean 0.9 and deviation 0.7. */
  start: 'ones' as 'ones' | 'gaussian',
}

/**
 * Divide and conquer: learner k is trained on the images of cluster k and sees its part of the
 * embedding. `slices`: fixed contiguous parts (Sanakoyeu et al., CVPR 2019); `masks`: learnt
 * weights relu(m_k) on every unit, pushed apart (Sanakoyeu et al., TPAMI 2021).
 */
export type Learners = { readonly kind: 'slices'; readonly count: number } | Masks

interface Masks extends Readonly<typeof MASKS_DEFAULTS> {
  readonly kind: 'masks'
  readonly count: number
}

export type LearnersOptions =
  | Exclude<Learners, Masks>
  | (Pick<Masks, 'kind' | 'count'> & Partial<Masks>)

export const MASKS_PARAMETER = 'learners/masks'

/** @throws TRAINING_INVALID for values out of range, and slices that do not divide the embedding. */
export function resolveLearners(options: LearnersOptions, dimensions: number): Learners {
  const learners: Learners = options.kind === 'masks' ? { ...MASKS_DEFAULTS, ...options } : options
  const { count } = learners
  if (!Number.isInteger(count) || count < 2 || count > dimensions) {
    throw trainingInvalid(`2 to ${dimensions} learners (the dimensions)`, count)
  }
  if (learners.kind === 'slices' && dimensions % count !== 0) {
    throw trainingInvalid(`a number of slices that divides ${dimensions}`, count)
  }
  if (learners.kind === 'masks') {
    const { orthogonality, maskRate } = learners
    const fits = [orthogonality, maskRate].every((value) => value >= 0 && Number.isFinite(value))
    const got = `${orthogonality} and ${maskRate}`
    if (!fits) throw trainingInvalid('orthogonality and maskRate of at least 0', got)
  }
  return learners
}

/**
 * Emits what the learner of a step sees.
 * @param input declares `learner`, [1, count + 1] one-hot, whose last place is the conquer phase,
 * which sees all; and for masks `active learners`, [1, count], 1 for those that there are by now,
 * so that a hierarchy can grow.
 * @returns `mask`, [1, d]: how much it sees of each unit; `unitOf`: what it sees of rows [n, d], made
 * unit; `dimensions`, [1, 1]: the number of units that it sees; `orthogonality`, [1, 1], to be added
 * to the loss; null where the parts are fixed.
 */
export function emitLearners(
  learners: Learners,
  input: (name: 'learner' | 'active learners') => Value,
  dimensions: number,
  parameters: ParameterSet,
  random: Random,
) {
  const learner = input('learner')
  const active = learners.kind === 'masks' ? input('active learners') : null
  const { graph } = learner
  const { count } = learners
  const last = table(graph, count + 1, 1, (row) => row === count)
  const conquers = matmul(learner, last)
  const width = dimensions / count
  const parts =
    learners.kind === 'slices'
      ? table(graph, count, dimensions, (row, unit) => Math.floor(unit / width) === row)
      : atLeast(declareMasks(learners, dimensions, parameters, random), 0)
  // The first `count` places of the one-hot row.
  const choose = table(graph, count + 1, count, (row, column) => row === column)
  const mask = add(matmul(matmul(learner, choose), parts), conquers)
  return {
    mask,
    // The conquer phase trains what is exported: unit slices side by side, made unit together.
    unitOf: (rows: Value) => {
      const whole = learners.kind === 'slices' ? unitSlices(rows, count) : rows
      return unitRows(mul(whole, mask))
    },
    dimensions: sum(asFloat(greater(mask, 0))),
    orthogonality:
      learners.kind === 'masks' && active !== null
        ? mul(
            mul(meanCosine(parts, active), learners.orthogonality),
            sub(graph.scalar(1), conquers),
          )
        : null,
  }
}

function unitSlices(rows: Value, count: number): Value {
  const [n = 0, dimensions = 0] = rows.dims
  const slices = reshape(rows, [n * count, dimensions / count])
  return reshape(unitRows(slices), [n, dimensions])
}

/** Makes a constant matrix of 1 where `holds`, and 0 elsewhere. */
function table(
  graph: GraphBuilder,
  rows: number,
  columns: number,
  holds: (row: number, column: number) => boolean,
): Value {
  const values = Array.from({ length: rows * columns }, (_, i) =>
    holds(Math.floor(i / columns), i % columns) ? 1 : 0,
  )
  return graph.constant(values, [rows, columns])
}

function declareMasks(
  { count, start, maskRate, maskDecays }: Masks,
  dimensions: number,
  parameters: ParameterSet,
  random: Random,
): Value {
  const initial = Float32Array.from({ length: count * dimensions }, () =>
    start === 'ones' ? 1 : 0.9 + 0.7 * gaussian(random),
  )
  const options = { multiplier: maskRate, decays: maskDecays }
  return parameters.declare(MASKS_PARAMETER, [count, dimensions], initial, options)
}

/** Gives the mean of cos(relu m_i, relu m_j) over ordered pairs of active learners. */
function meanCosine(parts: Value, active: Value): Value {
  const count = parts.dims[0]!
  const directions = unitRows(parts)
  const others = table(active.graph, count, count, (row, column) => row !== column)
  const pairs = mul(mul(others, active), reshape(active, [count, 1]))
  const cosines = matmul(directions, transpose(directions))
  return div(sum(mul(cosines, pairs)), atLeast(sum(pairs), 1))
}
