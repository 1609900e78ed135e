import type { RowsRange } from '../rows-range.ts'
import type { Ranking } from './ranking.ts'

interface Limits {
  /** Milliseconds, from any moment. */
  readonly clock: () => number
  readonly maxRankings?: number
  readonly maxBytes?: number
  readonly maxAgeMs?: number
}

const DEFAULTS = { maxRankings: 8, maxBytes: 32 * 1024 * 1024, maxAgeMs: 120_000 }

/** The searches of one thread that somebody may go on with: few, and none for long. */
export class Rankings {
  readonly #limits: Required<Limits>
  /** The longest kept first. */
  #kept: { readonly ranking: Ranking; readonly keptAt: number }[] = []

  constructor(limits: Limits) {
    this.#limits = { ...DEFAULTS, ...limits }
  }

  get count(): number {
    return this.#kept.length
  }

  /** The ranking of this name, which is kept no longer; null when it is gone, or was of other rows. */
  take(name: string, vector: Float32Array, range: RowsRange): Ranking | null {
    this.forgetOld()
    const found = this.#kept.find(({ ranking }) => ranking.name === name)
    if (found === undefined) return null
    this.#kept = this.#kept.filter((other) => other !== found)
    return found.ranking.fits(vector, range) ? found.ranking : null
  }

  keep(ranking: Ranking): void {
    const { clock, maxRankings, maxBytes } = this.#limits
    this.#kept = this.#kept.filter((other) => other.ranking.name !== ranking.name)
    this.#kept.push({ ranking, keptAt: clock() })
    let bytes = this.#kept.reduce((sum, other) => sum + other.ranking.bytes, 0)
    while (this.#kept.length > maxRankings || bytes > maxBytes) {
      bytes -= this.#kept.shift()!.ranking.bytes
    }
  }

  forgetOld(): void {
    const oldest = this.#limits.clock() - this.#limits.maxAgeMs
    while (this.#kept[0] !== undefined && this.#kept[0].keptAt < oldest) this.#kept.shift()
  }
}
