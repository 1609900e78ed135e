import {
  type Chosen,
  DISTANCES_A_STEP,
  distanceBetween,
  type Points,
  type Steps,
} from './points.ts'

/**
 * Finds the k records whose nearest neighbour is farthest, by that distance from the largest on, then by id. A record alone
 * has none, and its distance is Infinity.
 *
 * A record is given up as soon as one nearer than the k-th distance so far is found (Bay and Schwabacher, Mining distance-based outliers in
 * near linear time with randomization and a simple pruning rule, KDD 2003). Each distance is of use to both records.
 */
export function* mostUnusual(points: Points, k: number): Steps<readonly Chosen[]> {
  const { count, space } = points
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const best: Chosen[] = []
  const compare = (a: Chosen, b: Chosen) =>
    (a.distance === b.distance ? 0 : b.distance - a.distance) ||
    points.compareIds(a.position, b.position)
  const stride = strideThrough(count)
  let measured = 0
  for (let turn = 0; turn < count; turn++) {
    if (turn % 64 === 0) yield
    const i = (turn * stride) % count
    const limit = best.length < k ? Number.NEGATIVE_INFINITY : best[k - 1]!.distance
    if (nearest[i]! < limit) continue
    const vector = points.vector(i).slice()
    for (let step = 1; step < count && nearest[i]! >= limit; step++) {
      const other = (i + step) % count
      const distance = distanceBetween(space, vector, points.vector(other))
      if (distance < nearest[i]!) nearest[i] = distance
      if (distance < nearest[other]!) nearest[other] = distance
      if (++measured % DISTANCES_A_STEP === 0) yield
    }
    if (nearest[i]! < limit) continue
    best.push({ position: i, distance: nearest[i]! })
    best.sort(compare)
    if (best.length > k) best.pop()
  }
  return best
}

/** A step by which all positions are passed once, in no order of theirs: neighbours in the order of writes are often alike. */
function strideThrough(count: number): number {
  let stride = Math.max(1, Math.floor(0.618 * count))
  while (greatestDivisor(stride, count) > 1) stride++
  return stride
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}
