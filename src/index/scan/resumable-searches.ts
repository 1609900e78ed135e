interface ResumableSearch {
  /** The name under which it may be resumed. */
  readonly name: string
  readonly bytes: number
}

const LIMITS = { maxKept: 8, maxBytes: 32 * 1024 * 1024, maxAgeMs: 120_000 }

/** Searches of one thread that a later page may resume: a few of them, and none for long. */
export class ResumableSearches<Search extends ResumableSearch> {
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

  keep(search: Search): void {
    const { maxKept, maxBytes } = this.#limits
    this.#kept = this.#kept.filter((other) => other.search.name !== search.name)
    this.#kept.push({ search, keptAt: this.#clock() })
    let bytes = this.#kept.reduce((sum, other) => sum + other.search.bytes, 0)
    while (this.#kept.length > maxKept || bytes > maxBytes) {
      bytes -= this.#kept.shift()!.search.bytes
    }
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
