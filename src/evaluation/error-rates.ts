import type { Random } from '../vector/random.ts'
import { bootstrapIntervals, type Interval } from './intervals.ts'
import { LowestScores } from './lowest-scores.ts'
import { nearestImpostors, type Trials } from './match-trials.ts'

/** A threshold chosen for a rate of errors of one kind, and what it costs in errors of the other. */
export interface ThresholdRow {
  /** The wanted rate: scores of at most this share of the trials lie within the threshold. */
  readonly rate: number
  /** The largest such threshold among the scores seen, inclusive; null where the trials are too few to allow one. */
  readonly threshold: number | null
  readonly thresholdInterval: Interval | null
  /** The share of probes of the same identity that are beyond the threshold. */
  readonly missed: number
  readonly missedInterval: Interval
  readonly trials: number
  /** Whether the threshold rests on 30 errors or more, so that its rate is within about a third (Doddington's rule of 30). */
  readonly enough: boolean
}

interface RocPoint {
  readonly threshold: number
  readonly falseMatchRate: number
  readonly falseNonMatchRate: number
}

export interface ErrorRates {
  /** False match rates: of a comparison with one other identity. */
  readonly matches: readonly ThresholdRow[]
  /** False accept rates: of a subject who is not stored, compared with all others. `missed` counts who is not found first, too. */
  readonly accepts: readonly ThresholdRow[]
  /** By threshold. A DET curve has the same points on scaled axes. */
  readonly roc: readonly RocPoint[]
  /** The distance within which 99 % of the probes are from their own identity. */
  readonly reach: number
  /** Where both rates are nearest to each other: their mean. */
  readonly equalErrorRate: number
}

const MATCH_RATES = [1e-1, 1e-2, 1e-3, 1e-4] as const
const ACCEPT_RATES = [1e-1, 5e-2, 1e-2, 1e-3] as const
const RESAMPLES = 200
const ROC_POINTS = 50
const REACH = 0.99
/** Of the scores, the part that thresholds are looked for in: three times what the largest rate takes, for resamples. */
const TAIL = 0.3

/**
 * Finds thresholds for rates of false matches and false accepts, with bootstrap intervals over identities: these are drawn with
 * replacement, a trial counts with the product of how often both of its identities were drawn (Bolle et al., Error analysis
 * of pattern recognition systems: the subsets bootstrap, CVIU 2004).
 */
export function errorRates(trials: Trials, random: Random): ErrorRates {
  const { owners, genuine, impostors, identities } = trials
  const firsts = nearestImpostors(trials)
  const pairOwners = new Int32Array(impostors.length)
  const pairOthers = new Int32Array(impostors.length)
  for (let probe = 0, at = 0; probe < owners.length; probe++) {
    for (let other = 0; other < identities; other++) {
      if (other === owners[probe]) continue
      pairOwners[at] = owners[probe]!
      pairOthers[at++] = other
    }
  }
  const pairs = new LowestScores(impostors, pairOwners, pairOthers, TAIL)
  const nearest = new LowestScores(firsts, owners, null, 1)
  const missed = (weights: ArrayLike<number>, threshold: number | null, first: boolean) => {
    let [beyond, all] = [0, 0]
    for (let probe = 0; probe < owners.length; probe++) {
      const weight = weights[owners[probe]!]!
      all += weight
      const distance = genuine[probe]!
      const isFound = threshold !== null && distance <= threshold
      if (!isFound || (first && distance > firsts[probe]!)) beyond += weight
    }
    return all === 0 ? 0 : beyond / all
  }
  const statistics = (weights: ArrayLike<number>) => {
    let [pairWeight, probeWeight, drawn] = [0, 0, 0]
    for (let i = 0; i < identities; i++) drawn += weights[i]!
    for (const owner of owners) {
      const weight = weights[owner]!
      probeWeight += weight
      pairWeight += weight * (drawn - weight)
    }
    const matches = MATCH_RATES.map((rate) => pairs.threshold(weights, rate * pairWeight))
    const accepts = ACCEPT_RATES.map((rate) => nearest.threshold(weights, rate * probeWeight))
    return [
      ...matches.map((threshold) => ({ threshold, missed: missed(weights, threshold, false) })),
      ...accepts.map((threshold) => ({ threshold, missed: missed(weights, threshold, true) })),
    ]
  }
  const found = statistics(new Uint32Array(identities).fill(1))
  const intervals = bootstrapIntervals(
    identities,
    (weights) => statistics(weights).flatMap(({ threshold, missed }) => [threshold ?? 0, missed]),
    random,
    { resamples: RESAMPLES },
  )
  const rows = [...MATCH_RATES, ...ACCEPT_RATES].map((rate, i): ThresholdRow => {
    const count = i < MATCH_RATES.length ? impostors.length : owners.length
    return {
      rate,
      ...found[i]!,
      thresholdInterval: found[i]!.threshold === null ? null : intervals[2 * i]!,
      missedInterval: intervals[2 * i + 1]!,
      trials: count,
      enough: rate * count >= 30,
    }
  })
  return {
    matches: rows.slice(0, MATCH_RATES.length),
    accepts: rows.slice(MATCH_RATES.length),
    ...curveOf(genuine, impostors),
  }
}

/** @returns points at which the false match rate grows by about the same factor. */
function curveOf(
  genuine: Float64Array,
  impostors: Float64Array,
): Pick<ErrorRates, 'roc' | 'reach' | 'equalErrorRate'> {
  const same = genuine.slice().sort()
  const others = impostors.slice().sort()
  const point = (threshold: number): RocPoint => ({
    threshold,
    falseMatchRate: countUpTo(others, threshold) / others.length,
    falseNonMatchRate: 1 - countUpTo(same, threshold) / same.length,
  })
  const ranks = new Set(
    Array.from({ length: ROC_POINTS }, (_, i) =>
      Math.round(others.length ** (i / (ROC_POINTS - 1))),
    ),
  )
  const thresholds = new Set([...ranks].map((rank) => others[rank - 1]!))
  let equal = { apart: Number.POSITIVE_INFINITY, rate: 0 }
  for (const list of [same, others]) {
    // The rates only change at scores; of many, some thousands are near enough.
    const step = Math.max(1, Math.floor(list.length / 5000))
    for (let i = 0; i < list.length; i += step) {
      const { falseMatchRate, falseNonMatchRate } = point(list[i]!)
      const apart = Math.abs(falseMatchRate - falseNonMatchRate)
      if (apart < equal.apart) equal = { apart, rate: (falseMatchRate + falseNonMatchRate) / 2 }
    }
  }
  return {
    roc: [...thresholds].sort((a, b) => a - b).map(point),
    reach: same[Math.ceil(REACH * same.length) - 1]!,
    equalErrorRate: equal.rate,
  }
}

/** Counts the numbers of an ascending list that are no larger. */
function countUpTo(sorted: Float64Array, most: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! <= most) low = middle + 1
    else high = middle
  }
  return low
}
