import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { contrastiveLoss } from './contrastive.ts'
import { infoNceLoss } from './info-nce.ts'
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
