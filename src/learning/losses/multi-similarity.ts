import { and, any, greater, less } from '../../onnx/autodiff/choices.ts'
import { logOnePlusSumExp, maskedMax, maskedMin, mean } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, mul, sub, where } from '../../onnx/autodiff/primitives.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

/**
 * Computes the mean over the batch of 1/alpha log(1 + sum over positives of e^(-alpha (S - lambda)))
 * + 1/beta log(1 + sum over negatives of e^(beta (S - lambda))). Mined: a negative counts from
 * epsilon below the least similar positive, a positive up to epsilon above the most similar
 * negative; an anchor that is left without either adds nothing.
 */
export function multiSimilarityLoss(
  pairs: Pairs,
  { alpha, beta, lambda, epsilon }: ObjectiveOf<'multi-similarity'>,
): Value {
  const { similarities } = pairs
  const leastPositive = maskedMin(similarities, pairs.positives)
  const mostNegative = maskedMax(similarities, pairs.negatives)
  const negatives = and(pairs.negatives, greater(add(similarities, epsilon), leastPositive))
  const positives = and(pairs.positives, less(sub(similarities, epsilon), mostNegative))
  const centred = sub(similarities, lambda)
  const pull = mul(logOnePlusSumExp(mul(centred, -alpha), positives), 1 / alpha)
  const push = mul(logOnePlusSumExp(mul(centred, beta), negatives), 1 / beta)
  const counted = and(any(positives, [1]), any(negatives, [1]))
  return mean(where(counted, add(pull, push), 0))
}
