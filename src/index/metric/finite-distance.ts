import { AppError } from '../../errors.ts'
import type { Metric } from '../../vector/metric/metric.ts'

/** NaN compares false with everything, so one would silently lose answers: it is refused here. */
export function finiteDistance<T>(metric: Metric<T>, a: T, b: T, limit?: number): number {
  const distance = metric.distance(a, b, limit)
  if (distance >= 0 && distance < Number.POSITIVE_INFINITY) return distance
  throw new AppError(
    'NOT_A_METRIC',
    `expected a finite ${metric.name} distance of at least 0, got ${distance}`,
  )
}
