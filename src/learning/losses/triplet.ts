import { and, any, asFloat, greater, less } from '../../onnx/autodiff/choices.ts'
import {
  maskedMax,
  maskedMin,
  meanOfPositive,
  meanWhere,
  softplus,
} from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, atLeast, mul, reshape, sub } from '../../onnx/autodiff/primitives.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

/**
 * Computes [D_ap - D_an + margin]+. `all`: the mean over the triplets above zero; `semi-hard`: over
 * those with D_ap < D_an < D_ap + margin; `batch-hard`: each anchor's farthest positive and nearest
 * negative, the mean over the anchors that have both, with hinge or log(1 + e^(D_ap - D_an)).
 */
export function tripletLoss(pairs: Pairs, objective: ObjectiveOf<'triplet'>): Value {
  return objective.mining === 'batch-hard'
    ? batchHard(pairs, objective)
    : allTriplets(pairs, objective)
}

function batchHard(
  { distances, positives, negatives }: Pairs,
  { margin, soft }: ObjectiveOf<'triplet'>,
): Value {
  const farthest = maskedMax(distances, positives)
  const nearest = maskedMin(distances, negatives)
  const violation = sub(farthest, nearest)
  const term = soft ? softplus(violation) : atLeast(add(violation, margin), 0)
  return meanWhere(term, and(any(positives, [1]), any(negatives, [1])))
}

/** Computes tensors [n, n, n], anchor by positive by negative. */
function allTriplets(pairs: Pairs, { mining, margin }: ObjectiveOf<'triplet'>): Value {
  const { n } = pairs
  const byPositive = (x: Value) => reshape(x, [n, n, 1])
  const byNegative = (x: Value) => reshape(x, [n, 1, n])
  const gap = sub(byPositive(pairs.distances), byNegative(pairs.distances))
  const triplets = and(byPositive(pairs.positives), byNegative(pairs.negatives))
  const term = atLeast(add(gap, margin), 0)
  if (mining === 'all') return meanOfPositive(mul(term, asFloat(triplets)))
  return meanWhere(term, and(triplets, less(gap, 0), greater(gap, -margin)))
}
