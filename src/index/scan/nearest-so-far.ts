import { roundedDown } from '../../kernels/kernels.ts'
import { hasBit } from '../../vector/bitset.ts'
import {
  distanceFromSquared,
  type SpaceKind,
  squaredBound,
  squaredWithin,
} from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import type { RowAnswer, RowQuery, SearchLevel } from '../row-index.ts'
import { Nearest } from './nearest.ts'
import type { ResumableScan } from './resumable-searches.ts'
import type { SharedRadius } from './shared-search.ts'

/** The k nearest that a scan for one query has found so far, and how far away anything better may lie. */
export class NearestSoFar {
  readonly query: RowQuery
  readonly #space: SpaceKind
  readonly #nearest: Nearest
  readonly #shared: SharedRadius | null
  /** The distances that are decided from here on are written down in it for a later search too; null for none. */
  recordIn: ResumableScan | null = null
  readonly #stopFlags: Int32Array | null
  #isStopped = false
  #decided = 0

  /**
   * @param shared what other parts of the same search find; null where this is all of it.
   * @param stopFlags shared memory of flags, one of which may be that of the query.
   */
  constructor(
    space: SpaceKind,
    query: RowQuery,
    shared: SharedRadius | null = null,
    stopFlags: Int32Array | null = null,
  ) {
    this.#shared = shared
    this.#stopFlags = query.stopFlag === undefined ? null : stopFlags
    this.#space = space
    this.query = query
    this.#nearest = new Nearest(query.k, query.radius, query.from)
  }

  /** Squared distance beyond which no row can be among the answers. Never grows. */
  get squaredBound(): number {
    const { bound } = this.#nearest
    const nearest = this.#shared === null ? bound : Math.min(bound, this.#shared.bound)
    return squaredBound(this.#space, nearest)
  }

  /**
   * Squared distances, as float32, up to which a row is within the radius, and below which it lies
   * before `from`, for sure; -1 where the query has no such limit.
   */
  get certain(): { readonly inner: number; readonly past: number } {
    const { radius, from } = this.query
    const isBounded = radius !== Number.POSITIVE_INFINITY
    const inner = isBounded ? roundedDown(squaredWithin(this.#space, radius)) : -1
    const past = from > 0 ? squaredBound(this.#space, from) * (1 - 2 ** -40) : -1
    return { inner, past: Math.fround(past) * (1 - 2 ** -23) }
  }

  /** Whether nobody waits for the answer any more: the scan may end anywhere. Once true, it stays so. */
  get isStopped(): boolean {
    // The flag may be lowered, and given to another call, while this scan still ends.
    if (!this.#isStopped && this.#stopFlags !== null) {
      this.#isStopped = Atomics.load(this.#stopFlags, this.query.stopFlag!) === 1
    }
    return this.#isStopped
  }

  /** The number of parts of the search that share what they find. */
  get parts(): number {
    return this.#shared?.parts ?? 1
  }

  /** Decides a row by its canonical distance; returns it, published. A row must not be decided twice. */
  decide(row: number, vector: Float32Array): number {
    return this.decideBySquared(row, squaredEuclidean(this.query.vector, vector))
  }

  /** The same, where a kernel has computed the canonical squared distance. */
  decideBySquared(row: number, squared: number): number {
    const distance = distanceFromSquared(this.#space, squared)
    this.#decided++
    this.recordIn?.decided(row, distance)
    this.#take(row, distance)
    return distance
  }

  /** Takes over what an earlier search has decided, of the rows that the query allows. */
  resume(resumable: ResumableScan): void {
    const { allowed } = this.query
    resumable.forEachDecided((row, distance) => {
      if (allowed === null || hasBit(allowed, row)) this.#take(row, distance)
    })
  }

  /** Whether more may lie behind what was found. */
  get isCut(): boolean {
    return this.#nearest.count >= this.query.k
  }

  #take(row: number, distance: number): void {
    this.#nearest.add(row, distance)
    if (distance > this.query.from) this.#shared?.add(distance)
  }

  /** `before`: the candidates of the levels that came before the canonical distance. */
  answer(before: readonly SearchLevel[]): RowAnswer {
    const levels = [...before, { name: 'float64', candidates: this.#decided }]
    return { ...this.#nearest.finish(), levels }
  }
}
