import { asFloat } from '../../onnx/autodiff/choices.ts'
import { meanOfPositive } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, atLeast, mul, sub } from '../../onnx/autodiff/primitives.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

/**
 * Computes [D_ap - positiveMargin]+ over positive and [negativeMargin - D_an]+ over negative pairs;
 * each kind averaged by itself over its terms above zero.
 */
export function contrastiveLoss(
  { distances, positives, negatives }: Pairs,
  { positiveMargin, negativeMargin }: ObjectiveOf<'contrastive'>,
): Value {
  const pull = atLeast(sub(distances, positiveMargin), 0)
  const push = atLeast(add(mul(distances, -1), negativeMargin), 0)
  return add(
    meanOfPositive(mul(pull, asFloat(positives))),
    meanOfPositive(mul(push, asFloat(negatives))),
  )
}
