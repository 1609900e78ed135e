import { asFloat } from '../../onnx/autodiff/choices.ts'
import { logSumExp, meanOfPositive, meanWhere, softplus } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, atLeast, mul, sub } from '../../onnx/autodiff/primitives.ts'
import { liftedLoss } from './lifted.ts'
import { type MarginInputs, marginLoss } from './margin.ts'
import { multiSimilarityLoss } from './multi-similarity.ts'
import { nPairsLoss } from './n-pairs.ts'
import type { Objective, ObjectiveOf, ProxyObjective } from './objective.ts'
import type { Pairs } from './pairs.ts'
import { tripletLoss } from './triplet.ts'

/**
 * Computes the loss of a batch, [1, 1].
 * @param marginInputs declares what the margin loss alone needs.
 */
export function pairLoss(
  pairs: Pairs,
  objective: Exclude<Objective, ProxyObjective>,
  marginInputs: (objective: ObjectiveOf<'margin'>) => MarginInputs,
): Value {
  switch (objective.kind) {
    case 'contrastive':
      return contrastiveLoss(pairs, objective)
    case 'triplet':
      return tripletLoss(pairs, objective)
    case 'margin':
      return marginLoss(pairs, objective, marginInputs(objective))
    case 'lifted':
      return liftedLoss(pairs, objective)
    case 'n-pairs':
      return nPairsLoss(pairs, objective)
    case 'info-nce':
      return infoNceLoss(pairs, objective)
    case 'multi-similarity':
      return multiSimilarityLoss(pairs, objective)
  }
}

/**
 * Computes [D_ap - positiveMargin]+ over positive and [negativeMargin - D_an]+ over negative pairs;
 * each kind averaged by itself over its terms above zero.
 */
function contrastiveLoss(
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

/**
 * Computes the mean over positive pairs of -log(e^(S_ap/t) / (e^(S_ap/t) + sum over negatives of
 * e^(S_an/t))), as softplus(log-sum-exp of the negatives - S_ap/t).
 */
function infoNceLoss(pairs: Pairs, { temperature }: ObjectiveOf<'info-nce'>): Value {
  const logits = mul(pairs.similarities, 1 / temperature)
  const rivals = logSumExp(logits, pairs.negatives)
  return meanWhere(softplus(sub(rivals, logits)), pairs.positives)
}
