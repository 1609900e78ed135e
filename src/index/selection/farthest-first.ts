import type { SpaceKind } from '../../vector/space.ts'
import {
  type Chosen,
  DISTANCES_A_STEP,
  distanceBetween,
  type Points,
  type Steps,
} from './points.ts'

interface Representative extends Chosen {
  /** The number of records, itself included, to which it is nearest; of those that tie, the one chosen first. */
  readonly records: number
}

interface Representatives {
  /** In the order of choice; `distance` is that to the nearest chosen before, Infinity for the first. */
  readonly chosen: readonly Representative[]
  /** The largest distance of any record from its representative; 0 of none. */
  readonly radius: number
}

/** More than all roundings of canonical distances of at most 16,384 numbers. */
const SLACK = 1 + 1e-9

/**
 * Chooses k representatives: the record of the first id, then again and again the one that is farthest from all that are
 * chosen, ties by id (Gonzalez, Clustering to minimize the maximum intercluster distance, 1985). In a metric no k records
 * leave all others within less than half of the radius that these do.
 *
 * A record is passed over where its representative is so far from the new one that it cannot be nearer to that (the
 * triangle inequality; Elkan, Using the triangle inequality to accelerate k-means, 2003).
 */
export function* farthestFirst(points: Points, k: number): Steps<Representatives> {
  const { count, space } = points
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const owner = new Int32Array(count)
  const isChosen = new Uint8Array(count)
  const chosen: { readonly position: number; readonly distance: number }[] = []
  const vectors: Float32Array[] = []
  let next = yield* farthest(points, nearest, isChosen)
  while (chosen.length < k && next !== null) {
    const vector = points.vector(next).slice()
    const apart = vectors.map((other) => metricOf(space, distanceBetween(space, vector, other)))
    chosen.push({ position: next, distance: nearest[next]! })
    isChosen[next] = 1
    let measured = 0
    for (let i = 0; i < count; i++) {
      if (i % 4096 === 0) yield
      const ownApart = vectors.length === 0 ? 0 : apart[owner[i]!]!
      if (ownApart > 0 && ownApart >= 2 * metricOf(space, nearest[i]!) * SLACK) continue
      const distance = distanceBetween(space, vector, points.vector(i))
      // The new one is its own, also where another is at distance 0.
      if (distance < nearest[i]! || i === next) {
        nearest[i] = distance
        owner[i] = vectors.length
      }
      if (++measured % DISTANCES_A_STEP === 0) yield
    }
    vectors.push(vector)
    next = yield* farthest(points, nearest, isChosen)
  }
  const records = new Float64Array(chosen.length)
  let radius = 0
  for (let i = 0; i < count; i++) {
    records[owner[i]!]!++
    if (nearest[i]! > radius) radius = nearest[i]!
  }
  return { chosen: chosen.map((one, i) => ({ ...one, records: records[i]! })), radius }
}

/** Finds the position that is farthest from all chosen; null when none is left. */
function* farthest(
  points: Points,
  nearest: Float64Array,
  isChosen: Uint8Array,
): Steps<number | null> {
  let best: number | null = null
  for (let i = 0; i < points.count; i++) {
    if (i % 4096 === 0) yield
    if (isChosen[i] === 1) continue
    if (best === null || nearest[i]! > nearest[best]!) best = i
    else if (nearest[i] === nearest[best] && points.compareIds(i, best) < 0) best = i
  }
  return best
}

/** A distance that is a metric, as the triangle inequality needs it: the Euclidean one. */
function metricOf(space: SpaceKind, published: number): number {
  return space === 'cosine' ? Math.sqrt(2 * published) : published
}
