interface KeptSearch {
  readonly name: string
  readonly bytes: number
}

interface Limits {
  /** Milliseconds, from any moment. */
  readonly clock: () => number
  readonly maxKept?: number
  readonly maxBytes?: number
  readonly maxAgeMs?: number
}

const DEFAULTS = { maxKept: 8, maxBytes: 32 * 1024 * 1024, maxAgeMs: 120_000 }

/** What one thread has learnt in searches that somebody may go on with: of few, and of none for long. */
export class KeptSearches<Kept extends KeptSearch> {
  readonly #limits: Required<Limits>
  /** The longest kept first. */
  #kept: { readonly search: Kept; readonly keptAt: number }[] = []

  constructor(limits: Limits) {
    this.#limits = { ...DEFAULTS, ...limits }
  }

  get count(): number {
    return this.#kept.length
  }

  /** What is kept under this name, and is no longer. */
  take(name: string): Kept | null {
    this.forgetOld()
    const found = this.#kept.find(({ search }) => search.name === name)
    if (found === undefined) return null
    this.#kept = this.#kept.filter((other) => other !== found)
    return found.search
  }

  keep(search: Kept): void {
    const { clock, maxKept, maxBytes } = this.#limits
    this.#kept = this.#kept.filter((other) => other.search.name !== search.name)
    this.#kept.push({ search, keptAt: clock() })
    let bytes = this.#kept.reduce((sum, other) => sum + other.search.bytes, 0)
    while (this.#kept.length > maxKept || bytes > maxBytes) {
      bytes -= this.#kept.shift()!.search.bytes
    }
  }

  forgetOld(): void {
    const oldest = this.#limits.clock() - this.#limits.maxAgeMs
    while (this.#kept[0] !== undefined && this.#kept[0].keptAt < oldest) this.#kept.shift()
  }

  /** Those whose names begin so. */
  forget(prefix: string): void {
    this.#kept = this.#kept.filter(({ search }) => !search.name.startsWith(prefix))
  }
}
