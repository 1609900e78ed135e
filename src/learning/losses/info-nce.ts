import { logSumExp, meanWhere, softplus } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { mul, sub } from '../../onnx/autodiff/primitives.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

/**
 * Computes the mean over positive pairs of -log(e^(S_ap/t) / (e^(S_ap/t) + sum over negatives of
 * e^(S_an/t))), as softplus(log-sum-exp of the negatives - S_ap/t).
 */
export function infoNceLoss(pairs: Pairs, { temperature }: ObjectiveOf<'info-nce'>): Value {
  const logits = mul(pairs.similarities, 1 / temperature)
  const rivals = logSumExp(logits, pairs.negatives)
  return meanWhere(softplus(sub(rivals, logits)), pairs.positives)
}
