/** The distances that a collection can have. `cosine` keeps unit vectors. */
export type SpaceKind = 'cosine' | 'euclidean'

/**
 * Turns a canonical squared Euclidean distance into the published distance.
 * On unit vectors |q - x|^2 = 2 (1 - cos), so half of it is the cosine distance 1 - cos, and keeps
 * its precision near 0 where 1 - q.x would not. Monotonic: order by it is order by the square.
 */
export function distanceFromSquared(space: SpaceKind, squared: number): number {
  return space === 'cosine' ? squared / 2 : Math.sqrt(squared)
}

/**
 * Finds a squared distance that no record within `radius` (in the unit of the published distance,
 * inclusive) exceeds. Doubling is exact; the square is rounded outward, since sqrt(s) <= r allows
 * s to pass fl(r * r) by three half-units in the last place at most.
 */
export function squaredBound(space: SpaceKind, radius: number): number {
  if (radius < 0) return -1
  return space === 'cosine' ? radius * 2 : radius * radius * (1 + 2 ** -50) + Number.MIN_VALUE
}

/**
 * Finds a squared distance such that all records whose true squared distance is at most this are within `radius`: it leaves
 * room for the roundings of the canonical sum, of at most 16,384 numbers (docs/exactness.md, section 2), and of its root.
 */
export function squaredWithin(space: SpaceKind, radius: number): number {
  const squared = space === 'cosine' ? radius * 2 : radius * radius
  return squared * (1 - 2 ** -36)
}
