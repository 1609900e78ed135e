import { type Lift, liftOf } from '../../evaluation/averages.ts'
import { type ClassSums, meansOf } from '../../evaluation/class-sums.ts'
import type { Random } from '../../vector/random.ts'
import type { StartName } from '../start/head-start.ts'

/** A transform that can be exported, before it is learnt on all classes that may be learnt from. */
export type Plan =
  | { readonly kind: 'backbone' | 'pca' | 'whitened' }
  | { readonly kind: 'head'; readonly start: StartName }
  | { readonly kind: 'joined'; readonly start: StartName; readonly share: number }

export interface Candidate {
  readonly plan: Plan
  /** The measures that it reaches on the validation classes. */
  readonly sums: ClassSums
}

export interface Choice {
  readonly chosen: Plan
  /** Whether the best candidate is beyond doubt better than the backbone, which is chosen if not. */
  readonly beatsBackbone: boolean
  readonly best: Plan
  /** MAP@R of the best over the backbone on the validation classes. */
  readonly lift: Lift
  readonly classes: number
}

const DOUBT = 0.05
const RESAMPLES = 4000

/**
 * Chooses the candidate of the highest MAP@R if the paired bootstrap says that it beats the
 * backbone, and the backbone if not. The best of many looks better than it is, so that the interval
 * is made wider by their number (Bonferroni): the doubt of all together is 5 in a hundred.
 */
export function choosePlan(
  backbone: Candidate,
  others: readonly [Candidate, ...Candidate[]],
  random: Random,
): Choice {
  const best = bestOf(others)
  const lift = liftOf(backbone.sums, best.sums, random, {
    level: 1 - DOUBT / others.length,
    resamples: RESAMPLES,
  })
  const beatsBackbone = lift.interval[0] > 0
  return {
    chosen: beatsBackbone ? best.plan : backbone.plan,
    beatsBackbone,
    best: best.plan,
    lift,
    classes: backbone.sums.queries.length,
  }
}

/** Gives the candidate of the highest MAP@R, of equal ones the first. */
export function bestOf<Some extends Candidate>(candidates: readonly Some[]): Some {
  const mapAtR = ({ sums }: Candidate) => meansOf(sums, 'perImage').mapAtR
  return candidates.reduce((a, b) => (mapAtR(b) > mapAtR(a) ? b : a))
}
