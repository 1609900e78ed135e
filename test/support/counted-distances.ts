import type { MetricIndex } from '../../src/index/metric/metric-index.ts'

/** The cost of answers, as a share of what a scan computes: 1 is no better than a scan. */
export function distanceShare<T>(
  index: MetricIndex<T>,
  queries: readonly T[],
  ask: (query: T) => { readonly computedDistances: number },
): number {
  let computed = 0
  for (const query of queries) computed += ask(query).computedDistances
  return computed / (queries.length * index.size)
}
