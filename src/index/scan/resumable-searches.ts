import type { RowsRange } from './row-share.ts'

const LIMITS = { maxKept: 8, maxBytes: 32 * 1024 * 1024, maxAgeMs: 120_000 }

/** Searches of one thread that a later page may resume: a few of them, and none for long. */
export class ResumableSearches<Search extends { readonly name: string; readonly bytes: number }> {
  readonly #clock: () => number
  readonly #limits: typeof LIMITS
  /** The longest kept first. */
  #kept: { readonly search: Search; readonly keptAt: number }[] = []

  /** @param clock milliseconds, from any moment. */
  constructor(clock: () => number, limits: Partial<typeof LIMITS> = {}) {
    this.#clock = clock
    this.#limits = { ...LIMITS, ...limits }
  }

  /** Hands out the search of this name, which is then kept no longer; null when there is none. */
  take(name: string): Search | null {
    this.forgetOld()
    const found = this.#kept.find(({ search }) => search.name === name)
    if (found === undefined) return null
    this.#kept = this.#kept.filter((other) => other !== found)
    return found.search
  }

  /** Keeps a search for a while; returns those that give way to it, whose room may be used again. */
  keep(search: Search): readonly Search[] {
    const { maxKept, maxBytes } = this.#limits
    const gone: Search[] = []
    this.#kept = this.#kept.filter((other) => other.search.name !== search.name)
    this.#kept.push({ search, keptAt: this.#clock() })
    let bytes = this.#kept.reduce((sum, other) => sum + other.search.bytes, 0)
    while (this.#kept.length > maxKept || bytes > maxBytes) {
      const oldest = this.#kept.shift()!.search
      bytes -= oldest.bytes
      gone.push(oldest)
    }
    return gone
  }

  forgetOld(): void {
    const oldest = this.#clock() - this.#limits.maxAgeMs
    while (this.#kept[0] !== undefined && this.#kept[0].keptAt < oldest) this.#kept.shift()
  }

  /** Forgets the searches whose names begin with `prefix`. */
  forget(prefix: string): void {
    this.#kept = this.#kept.filter(({ search }) => !search.name.startsWith(prefix))
  }
}

/**
 * A scan of the rows of a range, with what the search that resumes it needs: lower bounds of all rows, and the
 * distances of those it decided (Hjaltason and Samet, Distance browsing in spatial databases, 1999).
 * Holds as long as no row is written; filters, radius and k may differ.
 */
export class ResumableScan {
  readonly name: string
  readonly vector: Float32Array
  readonly range: RowsRange
  /** Bits of the rows that had codes when the bounds were made: no other bound means anything. */
  readonly coded: Uint32Array
  /** Squared lower bounds; NaN of a row that is decided. */
  readonly bounds: Float32Array
  readonly #rows: number[] = []
  readonly #distances: number[] = []

  /** @param bounds one for each row of the range, whatever they are before they are made. */
  constructor(
    name: string,
    vector: Float32Array,
    range: RowsRange,
    coded: Uint32Array,
    bounds: Float32Array = new Float32Array(range.end - range.first),
  ) {
    this.name = name
    this.vector = vector
    this.range = range
    this.coded = coded
    this.bounds = bounds
  }

  get bytes(): number {
    return this.bounds.byteLength + this.coded.byteLength + 16 * this.#rows.length
  }

  decided(row: number, distance: number): void {
    this.#rows.push(row)
    this.#distances.push(distance)
    this.bounds[row - this.range.first] = Number.NaN
  }

  forEachDecided(visit: (row: number, distance: number) => void): void {
    for (let i = 0; i < this.#rows.length; i++) visit(this.#rows[i]!, this.#distances[i]!)
  }

  /** Tells whether it is of a search for this vector in this range. */
  fits(vector: Float32Array, { first, end }: RowsRange): boolean {
    if (first !== this.range.first || end !== this.range.end) return false
    return vector.length === this.vector.length && vector.every((x, i) => x === this.vector[i])
  }
}
