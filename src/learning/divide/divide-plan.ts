import { trainingInvalid } from '../training-invalid.ts'
import type { Learners } from './learners.ts'

/** The steps, from 0, at which divide and conquer changes. */
export interface DividePlan {
  /** Clusters are made at 0 and after each so many steps, until the learners are joined. */
  readonly reclusterEvery: number
  /** The loss acts on the whole embedding from here; batches still come from one cluster. */
  readonly conquerFrom: number
  /** Batches come from all images from here. */
  readonly joinFrom: number
}

interface StepPhase {
  /** `one`: each step has its learner, round-robin; `all`: the whole embedding learns. */
  readonly learner: 'one' | 'all'
  readonly batches: 'in one cluster' | 'from all'
  readonly recluster: boolean
}

/** Clusterings of a training; clustering takes longer than a step. */
const CLUSTERINGS = 20

/**
 * Plans in proportion to the official run, which conquers at epoch 80 and joins at 190 of 200
 * (Sanakoyeu et al., 2019). It goes by steps and not by epochs, of which a training has the fewer
 * the more images there are. Masks, which double at each clustering, are all there when they are
 * conquered.
 *
 * @throws TRAINING_INVALID for fewer steps than give each learner one of its own.
 */
export function dividePlan(learners: Divided, steps: number): DividePlan {
  const plan = planOf(learners, steps)
  if (plan !== null) return plan
  let least = steps
  while (planOf(learners, least) === null) least++
  throw trainingInvalid(`at least ${least} steps for ${learners.count} learners`, steps)
}

type Divided = Pick<Learners, 'kind' | 'count'>

function planOf({ kind, count }: Divided, steps: number): DividePlan | null {
  const joinFrom = Math.floor((steps * 190) / 200)
  const conquerFrom = Math.floor((joinFrom * 8) / 19)
  // Masks are one at first, and twice as many at each clustering.
  const levels = kind === 'masks' ? Math.ceil(Math.log2(count)) + 1 : 1
  const often = Math.max(1, Math.round(steps / CLUSTERINGS))
  const every = Math.min(often, Math.floor(conquerFrom / levels))
  const together = conquerFrom - (levels - 1) * every
  if (every < 1 || together < count) return null
  return { reclusterEvery: every, conquerFrom, joinFrom }
}

/** Says in a line what the steps of a training are for. */
export function divideText(learners: Divided, steps: number): string {
  const { reclusterEvery, conquerFrom, joinFrom } = dividePlan(learners, steps)
  return (
    `of ${steps} steps ${learners.count} learners take ${conquerFrom} in turn, all of them ` +
    `${joinFrom - conquerFrom} on single clusters and ${steps - joinFrom} on all images; ` +
    `clusters are made again every ${reclusterEvery}`
  )
}

export function phaseOf(step: number, plan: DividePlan): StepPhase {
  const joined = step >= plan.joinFrom
  return {
    learner: step < plan.conquerFrom ? 'one' : 'all',
    batches: joined ? 'from all' : 'in one cluster',
    recluster: !joined && step % plan.reclusterEvery === 0,
  }
}
