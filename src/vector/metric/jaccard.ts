import { brandMetric, type Metric } from './metric.ts'

/** 1 - |a and b| / |a or b|: 0 for equal sets (also two empty ones), 1 for disjoint ones. */
export const jaccard: Metric<ReadonlySet<unknown>> = brandMetric(
  'jaccard',
  // As (either - both) / either it is rounded once.
  { relative: 2 ** -53, absolute: 0 },
  (a, b) => {
    const [small, large] = a.size <= b.size ? [a, b] : [b, a]
    let both = 0
    for (const member of small) if (large.has(member)) both++
    const either = a.size + b.size - both
    return either === 0 ? 0 : (either - both) / either
  },
)
