import { AppError } from '../../../errors.ts'
import { NearestSearch } from '../nearest-search.ts'
import type { MetricAnswer, Searchable } from '../search.ts'

/**
 * When a search for the k nearest ends before nothing nearer can be left. `distances` are a sample of the distances from
 * queries to objects, in ascending order. After Zezula, Amato, Dohnal and Batko, Similarity Search, section 1.8.
 */
export type StoppingPolicy =
  /** Leaves out what could only be nearer by less than a factor of 1 + error. */
  | { readonly kind: 'relative-error'; readonly error: number }
  /** Ends when the k-th is among the nearest share of all distances. */
  | {
      readonly kind: 'good-fraction'
      readonly share: number
      readonly distances: Float64Array
    }
  /** Ends when the last so many distances have made the k-th smaller by less than a share. */
  | { readonly kind: 'small-improvement'; readonly within: number; readonly share: number }
  /**
   * Ends when the nearest is beyond 1 + error times the true one with at most this chance, by the sample and the number of
   * objects (Ciaccia and Patella, PAC nearest neighbor queries, ICDE 2000). For k = 1.
   */
  | {
      readonly kind: 'pac'
      readonly error: number
      readonly chance: number
      readonly objects: number
      readonly distances: Float64Array
    }
  /**
   * Leaves out parts where less than a share of all distances lies between their bound and the k-th (after Amato and
   * others, Region proximity in metric spaces, 2003, who compare balls).
   */
  | {
      readonly kind: 'proximity'
      readonly share: number
      readonly distances: Float64Array
    }

/**
 * What holds for an answer: it is exact; or the i-th distance is at most 1 + error times that of the i-th nearest, with a
 * probability; or all found are among a share of the nearest, as far as the sample tells; or nothing.
 */
type Guarantee =
  | { readonly kind: 'exact' }
  | { readonly kind: 'relative-error'; readonly error: number; readonly probability: number }
  | { readonly kind: 'good-fraction'; readonly share: number }
  | { readonly kind: 'none' }

export interface ApproximateAnswer extends MetricAnswer {
  readonly exact: boolean
  readonly guarantee: Guarantee
}

/**
 * Finds k objects that are near by a policy, and says what that guarantees.
 * @throws INVALID_REQUEST for negative numbers, an empty sample, or PAC with another k than 1.
 */
export function approximateNearest<T, Step>(
  structure: Searchable<T, Step>,
  query: T,
  k: number,
  policy: StoppingPolicy,
): ApproximateAnswer {
  checkPolicy(policy, k)
  const search = new ApproximateNearestSearch(structure, query, k, policy)
  const answer = search.run()
  const exact = !search.hasLeftOut
  return { ...answer, exact, guarantee: exact ? { kind: 'exact' } : guaranteeOf(policy) }
}

class ApproximateNearestSearch<T, Step> extends NearestSearch<T, Step> {
  hasLeftOut = false
  readonly #policy: StoppingPolicy
  /** The k-th distance when it was last compared, and the distances computed until then. */
  #before = { limit: Number.POSITIVE_INFINITY, computed: 0 }

  constructor(structure: Searchable<T, Step>, query: T, k: number, policy: StoppingPolicy) {
    super(structure, query, { k, radius: Number.POSITIVE_INFINITY })
    this.#policy = policy
  }

  protected override advance(): void {
    // What waits has bounds no smaller than the first, so that it is left out as well.
    if (this.limit < Number.POSITIVE_INFINITY && this.#ends(this.queue.firstKey)) {
      this.hasLeftOut = true
      while (this.queue.size > 0) this.queue.pop()
    } else super.advance()
  }

  #ends(lower: number): boolean {
    const policy = this.#policy
    const { limit } = this
    switch (policy.kind) {
      case 'relative-error':
        return lower * (1 + policy.error) > limit
      case 'good-fraction':
        return shareWithin(policy.distances, limit) <= policy.share
      case 'pac':
        return limit <= (1 + policy.error) * safeRadius(policy)
      case 'proximity':
        return (
          shareWithin(policy.distances, limit) - shareWithin(policy.distances, lower) < policy.share
        )
      case 'small-improvement': {
        const { limit: earlier, computed } = this.#before
        if (this.computedDistances - computed < policy.within) return false
        this.#before = { limit, computed: this.computedDistances }
        return limit > earlier * (1 - policy.share)
      }
    }
  }
}

/** The largest distance of the sample within which there is an object with at most the chance. */
function safeRadius(policy: StoppingPolicy & { kind: 'pac' }): number {
  const share = 1 - (1 - policy.chance) ** (1 / policy.objects)
  const { distances } = policy
  return distances[Math.floor(share * distances.length) - 1] ?? 0
}

/** The share of a sorted sample that is at most a distance. */
function shareWithin(sorted: Float64Array, distance: number): number {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (sorted[middle]! <= distance) from = middle + 1
    else to = middle
  }
  return from / sorted.length
}

function guaranteeOf(policy: StoppingPolicy): Guarantee {
  if (policy.kind === 'relative-error') {
    return { kind: policy.kind, error: policy.error, probability: 1 }
  }
  if (policy.kind === 'good-fraction') return { kind: policy.kind, share: policy.share }
  if (policy.kind !== 'pac') return { kind: 'none' }
  return { kind: 'relative-error', error: policy.error, probability: 1 - policy.chance }
}

function checkPolicy(policy: StoppingPolicy, k: number): void {
  for (const [name, value] of Object.entries(policy)) {
    if (typeof value !== 'number' || value >= 0) continue
    throw new AppError('INVALID_REQUEST', `expected ${name} to be at least 0, got ${value}`)
  }
  if ('distances' in policy && policy.distances.length === 0) {
    throw new AppError('INVALID_REQUEST', 'expected a sample of distances, got none')
  }
  if (policy.kind === 'pac' && k !== 1) {
    throw new AppError('INVALID_REQUEST', `expected k to be 1 for the policy pac, got ${k}`)
  }
}
