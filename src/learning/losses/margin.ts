import {
  and,
  any,
  asFloat,
  equal,
  greater,
  indexRow,
  less,
  rowArgMax,
} from '../../onnx/autodiff/choices.ts'
import { LOWEST, mean, square } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import {
  add,
  atLeast,
  div,
  log,
  matmul,
  mul,
  reshape,
  sub,
  sum,
  where,
} from '../../onnx/autodiff/primitives.ts'
import type { ParameterSet } from '../graph/parameters.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

export interface MarginInputs {
  /** [n, 1]: the paper's beta of each anchor. */
  readonly boundaries: Value
  /** [draws, n, n] Gumbel noise: anchor by candidate, for each draw. */
  readonly noise: Value
  /** The dimensions of the sphere of the vectors; [1, 1] where they depend on the learner. */
  readonly dimensions: Value
}

/**
 * Computes [margin + D - boundary]+ over positive and [margin - D + boundary]+ over sampled
 * negative pairs, their sum by the number above zero, + boundaryWeight times the mean boundary.
 */
export function marginLoss(
  pairs: Pairs,
  objective: ObjectiveOf<'margin'>,
  inputs: MarginInputs,
): Value {
  const { distances, positives } = pairs
  const { graph } = distances
  const beyond = sub(distances, inputs.boundaries)
  const pull = mul(atLeast(add(beyond, objective.margin), 0), asFloat(positives))
  const push = atLeast(add(mul(beyond, -1), objective.margin), 0)
  const drawn = graph.scope('draw negatives', () => drawNegatives(pairs, objective, inputs))
  const total = add(sum(pull), sum(mul(push, drawn)))
  const above = add(sum(asFloat(greater(pull, 0))), sum(mul(drawn, asFloat(greater(push, 0)))))
  const penalty = mul(mean(inputs.boundaries), objective.boundaryWeight)
  return add(div(total, atLeast(above, 1)), penalty)
}

/**
 * Counts how often each negative was drawn, [n, n]. The weight of a negative is one over the
 * density of its distance on the sphere, log q^-1 = (2 - d) log D - (d - 3)/2 log(1 - D^2/4); the
 * largest of log weight + Gumbel noise is a draw by weight. Where all negatives lie beyond the far
 * cut-off, any may be drawn. An anchor draws as many negatives as it has positives, at most as many
 * as there is noise.
 */
function drawNegatives(
  pairs: Pairs,
  { nearCutoff, farCutoff }: ObjectiveOf<'margin'>,
  { noise, dimensions: d }: MarginInputs,
): Value {
  const { n, distances, positives, negatives } = pairs
  const draws = noise.dims[0]!
  const clamped = where(less(distances, farCutoff), atLeast(distances, nearCutoff), farCutoff)
  const uneven = mul(sub(d, 2), log(clamped))
  const curved = mul(sub(d, 3), log(sub(noise.graph.scalar(1), mul(square(clamped), 0.25))))
  const logWeights = mul(add(uneven, mul(curved, 0.5)), -1)
  const near = and(negatives, less(distances, farCutoff))
  // Far below every weight, and above what is no negative: drawn from only where nothing is near.
  const kept = where(near, logWeights, where(negatives, LOWEST * 1e-5, LOWEST))
  const chances = reshape(add(noise, kept), [draws * n, n])
  const chosen = reshape(rowArgMax(chances), [draws, n, n])
  const wanted = reshape(sum(asFloat(positives), [1]), [1, n, 1])
  const turn = noise.graph.constant([...Array(draws).keys()], [draws, 1, 1])
  const taken = and(chosen, less(turn, wanted), reshape(any(negatives, [1]), [1, n, 1]))
  return reshape(sum(asFloat(taken), [0]), [n, n])
}

/** Gives each anchor's boundary between similar and different, [n, 1]: shared + of its class. */
export function emitBoundaries(
  objective: ObjectiveOf<'margin'>,
  labels: Value,
  classes: number,
  parameters: ParameterSet,
): Value {
  const { boundary, learnBoundary, boundaryPerClass, boundaryRate } = objective
  const n = labels.dims[0]!
  const { graph } = labels
  const ones = graph.constant(new Array<number>(n).fill(1), [n, 1])
  if (!learnBoundary) return mul(ones, boundary)
  const options = { multiplier: boundaryRate, decays: false }
  const shared = parameters.declare('boundary', [1, 1], Float32Array.of(boundary), options)
  if (!boundaryPerClass) return mul(ones, shared)
  const own = asFloat(equal(reshape(labels, [n, 1]), indexRow(labels, classes)))
  const initial = new Float32Array(classes)
  const each = parameters.declare('class boundaries', [classes, 1], initial, options)
  return add(matmul(own, each), shared)
}
