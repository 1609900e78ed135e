import { distanceFromSquared, type SpaceKind, squaredBound } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import { templateOf } from '../../vector/template.ts'
import { SmallestNumbers } from '../metric/smallest-numbers.ts'
import type { SetName } from './row-sets.ts'
import type { SetDistance } from './set-distance.ts'
import type { StoredSet } from './stored-set.ts'

type Vectors = readonly Float32Array[]

interface ScanQuery {
  readonly views: Vectors
  readonly distance: SetDistance
  readonly space: SpaceKind
  readonly k: number
  /** Published, inclusive. */
  readonly radius: number
  /** Is called before each set, and ends the scan by what it throws. */
  readonly check: () => void
}

export interface ScannedSet {
  readonly set: StoredSet
  /** Published. */
  readonly distance: number
  /** The number of views whose nearest set it is, where they vote. */
  readonly votes?: number
}

/**
 * Compares views with sets one by one, and gives up a set as soon as it is known to be beyond the k-th nearest so far.
 * @returns the k nearest within the radius by votes, where there are any, then distance, then name.
 */
export function scanSets(
  sets: Iterable<StoredSet>,
  query: ScanQuery,
  compareNames: (a: SetName, b: SetName) => number,
): ScannedSet[] {
  const found =
    query.distance === 'votes' ? voted(sets, query, compareNames) : nearestSets(sets, query)
  return found
    .sort(
      (a, b) =>
        (b.votes ?? 0) - (a.votes ?? 0) ||
        a.distance - b.distance ||
        compareNames(a.set.name, b.set.name),
    )
    .slice(0, query.k)
}

/** Finds the k nearest, and all that tie with the last. */
function nearestSets(sets: Iterable<StoredSet>, query: ScanQuery): ScannedSet[] {
  const distanceTo = measureOf(query)
  const nearest = new SmallestNumbers(query.k, query.radius)
  const found: ScannedSet[] = []
  for (const set of sets) {
    query.check()
    const distance = distanceTo(set, nearest.largest)
    if (!(distance <= nearest.largest)) continue
    nearest.add(distance)
    found.push({ set, distance })
  }
  return found.filter(({ distance }) => distance <= nearest.largest)
}

/** Gives the function that measures a set; beyond `limit` any number beyond it will do. */
function measureOf({
  views,
  distance,
  space,
}: ScanQuery): (set: StoredSet, limit: number) => number {
  if (distance === 'nearest') {
    return ({ vectors }, limit) => {
      let least = squaredBound(space, limit)
      let found = Number.POSITIVE_INFINITY
      for (const view of views) {
        const squared = leastSquared(view, vectors, least)
        if (squared > least) continue
        least = squared
        found = squared
      }
      return distanceFromSquared(space, found)
    }
  }
  if (distance === 'hausdorff') {
    return ({ vectors }, limit) =>
      distanceFromSquared(space, hausdorffWithin(views, vectors, squaredBound(space, limit)))
  }
  if (distance === 'template') {
    const template = templateOf(views, space)
    return (set) => distanceFromSquared(space, squaredEuclidean(template, set.template(space)))
  }
  return ({ vectors }, limit) => {
    let sum = 0
    for (const view of views) {
      // With room for the rounding of the sum.
      const left = limit * views.length * (1 + 2 ** -40) - sum
      const most = squaredBound(space, left)
      const squared = leastSquared(view, vectors, most)
      if (squared > most) return Number.POSITIVE_INFINITY
      sum += distanceFromSquared(space, squared)
    }
    return sum / views.length
  }
}

function voted(
  sets: Iterable<StoredSet>,
  { views, space, radius, check }: ScanQuery,
  compareNames: (a: SetName, b: SetName) => number,
): ScannedSet[] {
  const chosen = views.map(() => ({
    squared: Number.POSITIVE_INFINITY,
    set: null as StoredSet | null,
  }))
  const found: { set: StoredSet; distance: number }[] = []
  for (const set of sets) {
    check()
    let sum = 0
    for (const [i, view] of views.entries()) {
      const squared = leastSquared(view, set.vectors, Number.POSITIVE_INFINITY)
      sum += distanceFromSquared(space, squared)
      const best = chosen[i]!
      const isFirst = best.set === null || compareNames(set.name, best.set.name) < 0
      if (squared < best.squared || (squared === best.squared && isFirst)) {
        chosen[i] = { squared, set }
      }
    }
    found.push({ set, distance: sum / views.length })
  }
  const votesOf = new Map<StoredSet, number>()
  for (const { set } of chosen) if (set !== null) votesOf.set(set, (votesOf.get(set) ?? 0) + 1)
  return found
    .filter(({ distance }) => distance <= radius)
    .map((one) => ({ ...one, votes: votesOf.get(one.set) ?? 0 }))
}

/**
 * Gives the squared Hausdorff distance of two sets, where that is no more than `limit`; else Infinity. A vector is left as soon
 * as one of the other set is near enough for it not to raise the largest (Taha and Hanbury, An efficient algorithm for
 * calculating the exact Hausdorff distance, 2015). Rows come first: of several of them one is more often too far.
 */
function hausdorffWithin(views: Vectors, rows: Vectors, limit: number): number {
  let largest = 0
  for (const [from, to] of [
    [rows, views],
    [views, rows],
  ] as const) {
    for (const vector of from) {
      const least = leastSquared(vector, to, limit, largest)
      if (least > limit) return Number.POSITIVE_INFINITY
      largest = Math.max(largest, least)
    }
  }
  return largest
}

/** Numbers that are added before the sum is compared with the limit. */
const STRIDE = 64

/**
 * Gives the least canonical squared distance to a row, where that is no more than `limit`; else a number beyond it.
 *
 * @param enough the first that is no more than this will do.
 */
function leastSquared(
  view: Float32Array,
  rows: Vectors,
  limit: number,
  enough = Number.NEGATIVE_INFINITY,
): number {
  let least = limit
  let found = Number.POSITIVE_INFINITY
  for (const row of rows) {
    let sum = 0
    let i = 0
    while (i < view.length && sum <= least) {
      const end = Math.min(view.length, i + STRIDE)
      for (; i < end; i++) {
        const difference = view[i]! - row[i]!
        sum += difference * difference
      }
    }
    if (sum > least) continue
    least = sum
    found = sum
    if (found <= enough) break
  }
  return found
}
