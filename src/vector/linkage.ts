/** How far two clusters are: by their farthest pair, by the mean over all pairs, or by their nearest pair. */
export const LINKAGES = ['complete', 'average', 'single'] as const
export type Linkage = (typeof LINKAGES)[number]

export interface LinkageOptions {
  readonly linkage: Linkage
  /** Clusters farther apart than this stay apart; in the unit of the distances, inclusive. */
  readonly radius: number
  /** Is called with the members of two clusters before they are joined. What it throws ends the work. */
  readonly onJoin?: (kept: readonly number[], gone: readonly number[], distance: number) => void
}

/**
 * Joins things bottom up, always the two clusters that are nearest, until none are within the radius. Of pairs that tie the
 * one with the smallest first members is joined. The distances of a joined cluster follow from those of its parts (Lance
 * and Williams 1967). It takes time of the order of count^2 in most cases and count^3 in the worst.
 *
 * @param distances those of all pairs, count rows of count numbers, symmetric; Infinity for two that must stay apart
 * (by `complete` and `average`). They are not kept.
 * @returns the members of each cluster, by number, in the order of their first.
 */
export function linkedClusters(
  distances: Float64Array,
  count: number,
  { linkage, radius, onJoin }: LinkageOptions,
): readonly (readonly number[])[] {
  const members: number[][] = Array.from({ length: count }, (_, i) => [i])
  const alive = Uint8Array.from({ length: count }, () => 1)
  /** Of each cluster the nearest of those with a larger number, or -1. */
  const nearest = new Int32Array(count)
  const least = new Float64Array(count)
  const look = (one: number) => {
    nearest[one] = -1
    least[one] = Number.POSITIVE_INFINITY
    for (let other = one + 1; other < count; other++) {
      const far = distances[one * count + other]!
      if (alive[other] !== 1 || far >= least[one]!) continue
      nearest[one] = other
      least[one] = far
    }
  }
  for (let one = 0; one < count; one++) look(one)
  for (;;) {
    let kept = -1
    for (let one = 0; one < count; one++) {
      if (alive[one] !== 1 || nearest[one] === -1) continue
      if (kept === -1 || least[one]! < least[kept]!) kept = one
    }
    if (kept === -1 || least[kept]! > radius) break
    const gone = nearest[kept]!
    onJoin?.(members[kept]!, members[gone]!, least[kept]!)
    alive[gone] = 0
    for (let other = 0; other < count; other++) {
      if (alive[other] !== 1 || other === kept) continue
      const far = joined(
        linkage,
        [distances[kept * count + other]!, members[kept]!.length],
        [distances[gone * count + other]!, members[gone]!.length],
      )
      distances[kept * count + other] = far
      distances[other * count + kept] = far
    }
    members[kept]!.push(...members[gone]!)
    look(kept)
    // Those that pointed at either look anew; the joined one may have come nearer to the rest.
    for (let other = 0; other < kept; other++) {
      if (alive[other] !== 1) continue
      if (nearest[other] === gone || nearest[other] === kept) look(other)
      else {
        const far = distances[other * count + kept]!
        if (far < least[other]! || (far === least[other] && kept < nearest[other]!)) {
          nearest[other] = kept
          least[other] = far
        }
      }
    }
    for (let other = kept + 1; other < gone; other++) {
      if (alive[other] === 1 && nearest[other] === gone) look(other)
    }
  }
  return members.filter((_, i) => alive[i] === 1).map((own) => own.sort((a, b) => a - b))
}

type Part = readonly [distance: number, size: number]

function joined(linkage: Linkage, [a, sizeA]: Part, [b, sizeB]: Part): number {
  if (linkage === 'complete') return Math.max(a, b)
  if (linkage === 'single') return Math.min(a, b)
  return (a * sizeA + b * sizeB) / (sizeA + sizeB)
}
