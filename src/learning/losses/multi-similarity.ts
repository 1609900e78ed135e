import { and, any, greater, less } from '../../onnx/autodiff/choices.ts'
import { logOnePlusSumExp, maskedMax, maskedMin, mean } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, mul, sub, where } from '../../onnx/autodiff/primitives.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

/**
 * Computes the mean over the batch of 1/alpha log(1 + sum over positives of e^(-alpha (S - lambda))) +
 * 1/beta log(1 + sum over negatives of e^(beta (S - lambda))). Mined: a negative counts when it is
 * within epsilon of the least similar positive or above, a positive when it is within epsilon of the
 * most similar negative or below; an anchor that is left without either adds nothing.
 */
export function multiSimilarityLoss(
  pairs: Pairs,
  objective: ObjectiveOf<'multi-similarity'>,
): Value {
  const { alpha, beta, lambda, epsilon } = objective
  const { positives, negatives, similarities } = minePairs(pairs, epsilon)
  const centred = sub(similarities, lambda)
  const pull = mul(logOnePlusSumExp(mul(centred, -alpha), positives), 1 / alpha)
  const push = mul(logOnePlusSumExp(mul(centred, beta), negatives), 1 / beta)
  const counted = and(any(positives, [1]), any(negatives, [1]))
  return mean(where(counted, add(pull, push), 0))
}

function minePairs(pairs: Pairs, epsilon: number): Pairs {
  const { similarities, positives, negatives } = pairs
  const leastPositive = maskedMin(similarities, positives)
  const mostNegative = maskedMax(similarities, negatives)
  return {
    ...pairs,
    negatives: and(negatives, greater(add(similarities, epsilon), leastPositive)),
    positives: and(positives, less(sub(similarities, epsilon), mostNegative)),
  }
}
