/** Some distances from one stored object to the others. */
export interface DistancesFromOne {
  /** Those to its nearest neighbours, all of them up to the last; ascending. */
  readonly nearest: Float64Array
  /** Those to a random sample of the others; ascending. */
  readonly sampled: Float64Array
}

/**
 * Estimates how many of `others` objects lie within a radius of a stored one, the mean over sampled ones: counted where
 * its nearest neighbours reach farther, else by the share of the sample (and never fewer than the neighbours).
 */
export class HitEstimate {
  readonly #objects: readonly DistancesFromOne[]
  readonly #others: number

  /** @param others objects beside the one that is the query. */
  constructor(objects: readonly DistancesFromOne[], others: number) {
    this.#objects = objects
    this.#others = others
  }

  /** Never falls as the radius grows. */
  hits(radius: number): number {
    let sum = 0
    for (const object of this.#objects) sum += this.#hitsOf(object, radius)
    return sum / this.#objects.length
  }

  /** Gives the least distance seen within which `hits` are expected; null where no distance has that many. */
  radius(hits: number): number | null {
    const distances = Float64Array.from(
      this.#objects.flatMap(({ nearest, sampled }) => [...nearest, ...sampled]),
    ).sort()
    const last = distances.at(-1)
    if (last === undefined || this.hits(last) < hits) return null
    return distances[firstIndex(distances.length - 1, (i) => this.hits(distances[i]!) >= hits)]!
  }

  #hitsOf({ nearest, sampled }: DistancesFromOne, radius: number): number {
    const counted = countWithin(nearest, radius)
    if (counted < nearest.length || nearest.length === this.#others) return counted
    if (sampled.length === 0) return counted
    return Math.max(counted, (countWithin(sampled, radius) / sampled.length) * this.#others)
  }
}

/** Counts those of the ascending `sorted` that are at most `radius`. */
function countWithin(sorted: Float64Array, radius: number): number {
  return firstIndex(sorted.length, (i) => !(sorted[i]! <= radius))
}

/** Finds the first index for which `holds`, as for all that follow it; `count` where it is none below. */
function firstIndex(count: number, holds: (i: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
