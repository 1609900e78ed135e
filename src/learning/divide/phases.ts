/** When divide and conquer does what, in epochs from 0. */
export interface DividePlan {
  readonly epochs: number
  /** From here the loss acts on the whole embedding; batches still come from one cluster. */
  readonly conquerFrom: number
  /** From here batches come from all images. */
  readonly joinFrom: number
  /** Clusters are made anew every so many epochs while learners are apart. */
  readonly reclusterEvery: number
}

export interface EpochPhase {
  /** `one`: each step has its learner, round-robin; `all`: the whole embedding learns. */
  readonly learner: 'one' | 'all'
  readonly batches: 'in one cluster' | 'from all'
  readonly recluster: boolean
}

/** The official run's 80, 190 and 200 epochs (Sanakoyeu et al., CVPR 2019), in proportion. */
export function dividePlan(epochs: number, reclusterEvery = 2): DividePlan {
  const joinFrom = Math.round((epochs * 190) / 200)
  return { epochs, reclusterEvery, joinFrom, conquerFrom: Math.floor((joinFrom * 8) / 19) }
}

export function phaseOf(epoch: number, plan: DividePlan): EpochPhase {
  const joined = epoch >= plan.joinFrom
  return {
    learner: epoch < plan.conquerFrom ? 'one' : 'all',
    batches: joined ? 'from all' : 'in one cluster',
    recluster: !joined && epoch % plan.reclusterEvery === 0,
  }
}
