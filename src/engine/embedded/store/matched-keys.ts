import type { Slices } from '../../../threads/turns.ts'
import { compileFilter, type Filter, filterCost } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import type { ChangesReader, ChangesSeen } from './collection-changes.ts'
import type { FacetTable } from './facet-table.ts'

/**
 * The versions that meet a filter. They are found in a map that may change while it is walked, which leaves the answer
 * of no one moment; the changes since the walk began, read to their end, make it that of the end. Without a walk, the
 * changes are all there is.
 */
export class MatchedKeys implements ChangesReader, ChangesSeen {
  seq: number
  endedSeq: number
  readonly cost: number
  readonly #meets: (metadata: Metadata) => boolean
  readonly #facets: FacetTable | null
  /** Those found in the map, each once. An array takes a quarter of the memory of a set. */
  #walked: number[] = []
  /** Those in the map that changed or ended later: what the walk found of them does not count. */
  readonly #outdated = new Set<number>()
  /** Those that meet the filter by their changes. */
  readonly #changed = new Set<number>()

  /** @param facets notes the values of those that are found; null for none. */
  constructor(filter: Filter, { seq, endedSeq }: ChangesSeen, facets: FacetTable | null = null) {
    this.seq = seq
    this.endedSeq = endedSeq
    this.#facets = facets
    this.cost = filterCost(filter) + (facets?.cost ?? 0)
    this.#meets = compileFilter(filter)
  }

  /**
   * Takes entries until the slice or they end; returns whether they did. Without a promise in it, the loop takes half of
   * the time; an iterator of a map goes on where a loop has left it, and passes each key that stays once.
   */
  walk(left: Iterable<[number, Metadata]>, slices: Slices): boolean {
    const meets = this.#meets
    const cost = this.cost
    const walked = this.#walked
    const facets = this.#facets
    for (const [key, metadata] of left) {
      if (meets(metadata)) {
        walked.push(key)
        facets?.note(key, metadata)
      }
      if (slices.spend(cost)) return false
    }
    return true
  }

  changed(key: number, metadata: Metadata): void {
    this.ended(key)
    if (!this.#meets(metadata)) return
    this.#changed.add(key)
    this.#facets?.note(key, metadata)
  }

  ended(key: number): void {
    this.#changed.delete(key)
    if (this.#walked.length > 0) this.#outdated.add(key)
  }

  /** Drops all but some of these. */
  keep(liveKeys: Iterable<number>): void {
    const found = new Set(this.#walked)
    for (const key of this.#outdated) found.delete(key)
    for (const key of this.#changed) found.add(key)
    this.#walked = []
    this.#outdated.clear()
    this.#changed.clear()
    for (const key of liveKeys) if (found.has(key)) this.#walked.push(key)
  }

  /** Gives them in no order. They change no more, so this takes turns too. @throws STOPPED. */
  async keys(slices: Slices): Promise<Float64Array> {
    if (this.#outdated.size === 0 && this.#changed.size === 0) return new Float64Array(this.#walked)
    const keys = new Float64Array(this.#walked.length + this.#changed.size)
    let length = 0
    for (const key of this.#walked) {
      if (!this.#outdated.has(key)) keys[length++] = key
      if (slices.spend(1)) await slices.next()
    }
    for (const key of this.#changed) {
      keys[length++] = key
      if (slices.spend(1)) await slices.next()
    }
    return keys.slice(0, length)
  }
}
