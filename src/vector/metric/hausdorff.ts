import { AppError } from '../../errors.ts'
import { brandMetric, type Metric } from './metric.ts'

/**
 * Hausdorff distance between non-empty sets: how far the member that is worst off in either set is
 * from the nearest member of the other. Largest and smallest keep the error bound of `inner`.
 * @throws INVALID_REQUEST for an empty set.
 */
export function hausdorff<T>(inner: Metric<T>): Metric<readonly T[]> {
  return brandMetric(
    `hausdorff-${inner.name}`,
    inner.slack,
    (a, b, limit = Number.POSITIVE_INFINITY) => {
      if (a.length === 0 || b.length === 0) {
        const message = 'expected sets with at least one member, got an empty one'
        throw new AppError('INVALID_REQUEST', message)
      }
      const forth = directed(inner, a, b, 0, limit)
      return forth > limit ? forth : directed(inner, b, a, forth, limit)
    },
  )
}

/**
 * Leaves a member as soon as one nearer than `atLeast` is found, since it cannot raise the largest
 * (Taha and Hanbury, An efficient algorithm for calculating the exact Hausdorff distance, 2015); and all of them once
 * one is farther than `limit` from every member of `to`.
 */
function directed<T>(
  inner: Metric<T>,
  from: readonly T[],
  to: readonly T[],
  atLeast: number,
  limit: number,
): number {
  let largest = atLeast
  for (const member of from) {
    let nearest = Number.POSITIVE_INFINITY
    for (const other of to) {
      const distance = inner.distance(member, other)
      // The negation lets NaN through, so that it is seen.
      if (!(distance >= nearest)) nearest = distance
      if (nearest <= largest) break
    }
    if (!(nearest <= largest)) largest = nearest
    if (largest > limit) break
  }
  return largest
}
