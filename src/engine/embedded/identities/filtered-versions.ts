import { compileFilter, type Filter } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import type { RecordReads } from '../generation-parts.ts'

/**
 * Knows which versions of records meet the filter of one search: those that the truth names, unless they have been put or
 * patched since it was asked. The truth answers for the moment in which it was read; a version noted here is newer.
 */
export class FilteredVersions {
  readonly #filter: Filter
  readonly #meets: (metadata: Metadata) => boolean
  readonly #noted = new Map<number, boolean>()
  #named: ReadonlySet<number> = new Set()

  constructor(filter: Filter) {
    this.#filter = filter
    this.#meets = compileFilter(filter)
  }

  /** Judges a version that is new or has changed. @param metadata null: it has ended. */
  note(key: number, metadata: Metadata | null): void {
    if (metadata === null) this.#noted.delete(key)
    else this.#noted.set(key, this.#meets(metadata))
  }

  /** Asks the truth. Whatever changes from this call on has to be noted. */
  async read(records: Pick<RecordReads, 'matching'>, signal?: AbortSignal): Promise<void> {
    this.#named = new Set(await records.matching(this.#filter, signal))
  }

  has(key: number): boolean {
    return this.#noted.get(key) ?? this.#named.has(key)
  }
}
