export interface StepReport {
  readonly loss: number
  /** The mean distance of the unit embeddings of the batch. */
  readonly meanDistance: number
}

// Where images of all classes lie within this share of where they began, nothing is left to tell
// them apart by; a training that works spreads them, or holds them.
const COLLAPSED_SHARE = 0.1
const ADVICE =
  'try fewer steps, or an objective that collapses less easily (multi-similarity, proxy-anchor)'

/** Watches for an embedding that sends every image to one place. */
export class CollapseWatch {
  /** The mean distance at the first step; null before it. */
  firstDistance: number | null

  constructor(firstDistance: number | null) {
    this.firstDistance = firstDistance
  }

  /** @returns what is wrong and what to try, or null. */
  check({ loss, meanDistance }: StepReport): string | null {
    if (!Number.isFinite(loss) || !Number.isFinite(meanDistance)) {
      return `the loss became ${loss}: ${ADVICE}`
    }
    this.firstDistance ??= meanDistance
    if (meanDistance >= COLLAPSED_SHARE * this.firstDistance) return null
    const [before, now] = [this.firstDistance.toFixed(3), meanDistance.toFixed(3)]
    return `the embedding collapsed: the mean distance of images fell from ${before} to ${now}, with the loss at ${loss.toFixed(3)}: ${ADVICE}`
  }
}
