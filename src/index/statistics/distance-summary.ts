export interface DistanceSummary {
  readonly mean: number
  readonly standardDeviation: number
  readonly quantiles: readonly { readonly share: number; readonly distance: number }[]
  /** Bins of equal width from the least to the greatest; each holds its lower end, the last one both. */
  readonly histogram: readonly {
    readonly from: number
    readonly to: number
    readonly share: number
  }[]
}

const SHARES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
const BINS = 20

/** @param sorted at least one distance, ascending. */
export function summariseDistances(sorted: Float64Array): DistanceSummary {
  const { mean, variance } = moments(sorted)
  return {
    mean,
    standardDeviation: Math.sqrt(variance),
    quantiles: SHARES.map((share) => ({ share, distance: quantile(sorted, share) })),
    histogram: histogram(sorted),
  }
}

/** Interpolates linearly between the order statistics: the seventh of Hyndman and Fan's definitions (1996). */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (at - below) * (high - low)
}

/**
 * Gives the intrinsic dimension of a metric space, rho = mean^2 / (2 variance) of the distances between its
 * objects (Chávez, Navarro, Baeza-Yates and Marroquín, Searching in metric spaces, 2001, section 7).
 * Null where no two distances differ.
 */
export function chavezDimension(distances: Float64Array): number | null {
  const { mean, variance } = moments(distances)
  return variance > 0 ? (mean * mean) / (2 * variance) : null
}

function moments(values: Float64Array): { mean: number; variance: number } {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { mean, variance: squares / values.length }
}

function histogram(sorted: Float64Array): DistanceSummary['histogram'] {
  const least = sorted[0]!
  const greatest = sorted.at(-1)!
  const bins = least === greatest ? 1 : BINS
  const edges = Array.from({ length: bins + 1 }, (_, i) =>
    i === bins ? greatest : least + (i * (greatest - least)) / bins,
  )
  let from = 0
  return edges.slice(1).map((to, i) => {
    let end = from
    while (end < sorted.length && (sorted[end]! < to || i === bins - 1)) end++
    const share = (end - from) / sorted.length
    from = end
    return { from: edges[i]!, to, share }
  })
}
