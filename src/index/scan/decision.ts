import { hasBit } from '../../vector/bitset.ts'
import { distanceFromSquared, type SpaceKind, squaredBound } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import type { RowAnswer, RowQuery, SearchLevel } from '../row-index.ts'
import type { Ranking } from './cascade/ranking.ts'
import { Nearest } from './nearest.ts'
import { withRowsAt } from './rows-at.ts'
import type { SharedRadius } from './shared-radius.ts'

/** One query on its way to an answer: what was found, and how far away anything better may lie. */
export class Decision {
  readonly query: RowQuery
  readonly #space: SpaceKind
  readonly #nearest: Nearest
  readonly #atFrom: number[] = []
  readonly #shared: SharedRadius | null
  #ranking: Ranking | null = null
  #decided = 0

  /** @param shared what other parts of the same search find; null where this is all of it. */
  constructor(space: SpaceKind, query: RowQuery, shared: SharedRadius | null = null) {
    this.#shared = shared
    this.#space = space
    this.query = query
    this.#nearest = new Nearest(query.k, query.radius)
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
    const inner = radius === Number.POSITIVE_INFINITY ? -1 : squaredBound(this.#space, radius)
    const past = from > 0 ? squaredBound(this.#space, from) * (1 - 2 ** -40) : -1
    return { inner: Math.fround(inner), past: Math.fround(past) * (1 - 2 ** -23) }
  }

  /** Parts of the search that share what they find. */
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
    this.#ranking?.decided(row, distance)
    this.#take(row, distance)
    return distance
  }

  /** From here on, decisions go into a ranking too; null for none. */
  keepIn(ranking: Ranking | null): void {
    this.#ranking = ranking
  }

  /** Takes over what was decided before, of the rows that the query allows. */
  recall(ranking: Ranking): void {
    const { allowed } = this.query
    ranking.forEachDecided((row, distance) => {
      if (allowed === null || hasBit(allowed, row)) this.#take(row, distance)
    })
  }

  /** Whether more may lie behind what was found. */
  get isCut(): boolean {
    return this.#nearest.count >= this.query.k
  }

  #take(row: number, distance: number): void {
    if (distance > this.query.from) {
      this.#nearest.add(row, distance)
      this.#shared?.add(distance)
    } else if (distance === this.query.from && distance <= this.query.radius) {
      this.#atFrom.push(row)
    }
  }

  /** `before`: the candidates of the levels that came before the canonical distance. */
  answer(before: readonly SearchLevel[]): RowAnswer {
    const levels = [...before, { name: 'float64', candidates: this.#decided }]
    return { ...withRowsAt(this.#nearest.finish(), this.#atFrom, this.query.from), levels }
  }
}
