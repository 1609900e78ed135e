/** As the authors recommend: 20, 6, .3. */
export interface KReciprocalOptions {
  /** Neighbours that must have each other among their own. */
  readonly k1: number
  /** Neighbours whose encodings are averaged, the row itself among them. */
  readonly k2: number
  /** The share of the original distance in the new one. */
  readonly lambda: number
}

export const DEFAULT_K_RECIPROCAL: KReciprocalOptions = { k1: 20, k2: 6, lambda: 0.3 }

/** The weights of the rows that a row has in common with others; all others are 0. */
type Encoding = ReadonlyMap<number, number>

/**
 * Re-ranks by k-reciprocal neighbours: Zhong et al., Re-ranking person re-identification with k-reciprocal encoding, CVPR 2017,
 * equations 1 to 12, with the distances as their code has them: squared, and divided by the largest of their row.
 *
 * @param squared distances of all rows to each other, row after row; the first `queries` rows are the queries, the others the
 * gallery.
 * @param check is called for each row, and ends the work by what it throws.
 * @returns the new distances of each query to the gallery, row after row.
 */
export function kReciprocalDistances(
  squared: Float64Array,
  queries: number,
  { k1, k2, lambda }: KReciprocalOptions = DEFAULT_K_RECIPROCAL,
  check: () => void = () => undefined,
): Float64Array {
  const count = Math.sqrt(squared.length)
  const scaled = (row: number, other: number) => squared[row * count + other]! / largest[row]!
  const largest = Float64Array.from({ length: count }, (_, row) => {
    let most = Number.MIN_VALUE
    for (let i = row * count; i < (row + 1) * count; i++) most = Math.max(most, squared[i]!)
    return most
  })
  const half = Math.round(k1 / 2)
  const ranks = Array.from({ length: count }, (_, row) => {
    return nearestOf(squared.subarray(row * count, (row + 1) * count), Math.max(k1 + 1, k2))
  })
  const reciprocal = (row: number, k: number) =>
    ranks[row]!.slice(0, k + 1).filter((other) => ranks[other]!.slice(0, k + 1).includes(row))
  const encodings = ranks.map((_, row): Encoding => {
    check()
    const own = reciprocal(row, k1)
    const expanded = new Set(own)
    for (const candidate of own) {
      const theirs = reciprocal(candidate, half)
      const common = theirs.filter((other) => own.includes(other))
      if (common.length > (2 / 3) * theirs.length) for (const other of theirs) expanded.add(other)
    }
    const weights = [...expanded].map((other) => [other, Math.exp(-scaled(row, other))] as const)
    const sum = weights.reduce((all, [, weight]) => all + weight, 0)
    return new Map(weights.map(([other, weight]) => [other, weight / sum]))
  })
  const averaged = k2 === 1 ? encodings : ranks.map((rank) => meanOf(rank.slice(0, k2), encodings))
  const gallery = count - queries
  const distances = new Float64Array(queries * gallery)
  for (let query = 0; query < queries; query++) {
    for (let row = queries; row < count; row++) {
      const jaccard = jaccardDistance(averaged[query]!, averaged[row]!)
      distances[query * gallery + row - queries] =
        (1 - lambda) * jaccard + lambda * scaled(query, row)
    }
  }
  return distances
}

function meanOf(rows: readonly number[], encodings: readonly Encoding[]): Encoding {
  const mean = new Map<number, number>()
  for (const row of rows) {
    for (const [other, weight] of encodings[row]!) {
      mean.set(other, (mean.get(other) ?? 0) + weight / rows.length)
    }
  }
  return mean
}

/** Weights of a row sum to 1, so that the sum of the larger ones is 2 less that of the smaller ones. */
function jaccardDistance(a: Encoding, b: Encoding): number {
  let smaller = 0
  for (const [row, weight] of a) smaller += Math.min(weight, b.get(row) ?? 0)
  return 1 - smaller / (2 - smaller)
}

/** Gives the k nearest, the nearest first; equal ones by their number. */
function nearestOf(squared: Float64Array, k: number): number[] {
  const nearest: number[] = []
  for (let row = 0; row < squared.length; row++) {
    if (nearest.length === k && squared[row]! >= squared[nearest[k - 1]!]!) continue
    let at = nearest.length
    while (at > 0 && squared[nearest[at - 1]!]! > squared[row]!) at--
    nearest.splice(at, 0, row)
    if (nearest.length > k) nearest.pop()
  }
  return nearest
}
