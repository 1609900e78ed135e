/** A distance, and the probability up to it. */
export interface ProbabilityStep {
  /** The largest distance of the step, inclusive. */
  readonly upTo: number
  readonly probability: number
}

/**
 * Fits the probability that a distance is of one and the same by steps that only fall: pooling adjacent violators (Ayer et al.
 * 1955), the monotone fit of least squares. Both kinds weigh the same in all, so that it is that of somebody who expected
 * either alike.
 */
export function fitProbability(
  same: Float64Array,
  different: Float64Array,
): readonly ProbabilityStep[] {
  const scores = [
    ...Array.from(same, (distance) => ({
      distance,
      hit: 1 / same.length,
      weight: 1 / same.length,
    })),
    ...Array.from(different, (distance) => {
      return { distance, hit: 0, weight: 1 / different.length }
    }),
  ].sort((a, b) => a.distance - b.distance)
  const steps: { upTo: number; hit: number; weight: number }[] = []
  for (const { distance, hit, weight } of scores) {
    const last = steps.at(-1)
    // What is equal has one probability.
    if (last !== undefined && last.upTo === distance) {
      last.hit += hit
      last.weight += weight
    } else steps.push({ upTo: distance, hit, weight })
  }
  const pooled: typeof steps = []
  for (const step of steps) {
    let next = step
    for (;;) {
      const before = pooled.at(-1)
      if (before === undefined || before.hit / before.weight > next.hit / next.weight) break
      pooled.pop()
      next = {
        upTo: next.upTo,
        hit: before.hit + next.hit,
        weight: before.weight + next.weight,
      }
    }
    pooled.push(next)
  }
  return pooled.map(({ upTo, hit, weight }) => {
    return { upTo, probability: Math.min(1, hit / weight) }
  })
}

/** Gives the probability at a distance; beyond the last step that of the last. */
export function probabilityAt(steps: readonly ProbabilityStep[], distance: number): number {
  const step = steps.find(({ upTo }) => distance <= upTo) ?? steps.at(-1)
  return step?.probability ?? 0
}
