import type { FilterBand } from './search-facts.ts'

/** The ways to answer a search that the cost model distinguishes. */
export type PlanKind = 'gather' | 'cascade' | 'tree' | 'graph'

/** Weight of the newest time, once there are enough. */
const NEWEST = 0.1
/** The prediction counts as this many times measured: a first search meets cold caches. */
const BELIEVED = 2
const LARGEST_STEP = Math.log(4)
const LARGEST = Math.log(32)

/**
 * Corrects predictions by the times of real searches: a factor for each plan and filter band, the exponential
 * average of log(measured / predicted). A step is cut off (Huber, Robust Estimation of a Location Parameter, 1964),
 * so that a search that a busy machine held up counts little; and so is the factor, to 1/32 to 32.
 */
export class Corrections {
  /** `log`: the natural logarithm of measured over predicted time. */
  readonly #learnt = new Map<string, { readonly log: number; readonly count: number }>()

  /** Gives the factor to multiply a prediction by. A band without times takes the mean of the plan's others. */
  factor(plan: PlanKind, band: FilterBand): number {
    const own = this.#learnt.get(`${plan} ${band}`)
    if (own !== undefined) return Math.exp(own.log)
    let sum = 0
    let count = 0
    for (const [key, { log }] of this.#learnt) {
      if (!key.startsWith(`${plan} `)) continue
      sum += log
      count++
    }
    return count === 0 ? 1 : Math.exp(sum / count)
  }

  /** @param predicted without this correction; in the unit of `measured`, both above 0. */
  learn(plan: PlanKind, band: FilterBand, measured: number, predicted: number): void {
    const key = `${plan} ${band}`
    const known = this.#learnt.get(key) ?? { log: Math.log(this.factor(plan, band)), count: 0 }
    const count = known.count + 1
    const off = Math.log(measured / predicted) - known.log
    const weight = Math.max(NEWEST, 1 / (count + BELIEVED))
    const log = clamp(known.log + weight * clamp(off, LARGEST_STEP), LARGEST)
    this.#learnt.set(key, { log, count })
  }
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value))
}
