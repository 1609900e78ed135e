import type { Position } from '../../cursor.ts'
import type { IdentityValue } from '../../identity-value.ts'
import { type EngineAnswer, type EngineQuery, HITS_A_GROUPED_MATCH } from '../../query.ts'
import type { RecordReads } from '../generation-parts.ts'
import type { GenerationSearch } from './generation-search.ts'
import { comparePositions, type Hit } from './hits.ts'

export type FieldReads = Pick<RecordReads, 'fieldValues'>

interface Searched {
  readonly searcher: Pick<GenerationSearch, 'search'>
  readonly records: FieldReads
}

interface Grouping {
  /** The metadata field. */
  readonly field: string
  /** The number of groups; Infinity for all within the radius. */
  readonly wanted: number
  /** Only hits behind this place are wanted: an earlier page had the others. Left out, all. */
  readonly behind?: Position | null
  /** Names the searches, which resume each other. */
  readonly resume: string
}

interface Groups extends Pick<EngineAnswer, 'exact' | 'complete' | 'explain'> {
  readonly hits: readonly Hit[]
  /** The value of each hit, by its key. */
  readonly groups: ReadonlyMap<number, IdentityValue>
}

/** The most hits of one search: they are put in order in one turn of the main thread, some 20 ms. */
const MOST_AT_ONCE = 16_384
/** Versions whose values are read in one call. */
const VALUES_AT_ONCE = 4096

/**
 * Finds the nearest records of each group: takes ever more of the nearest until there are enough groups, so that groups are
 * exact too. Beyond MOST_AT_ONCE it resumes where the last search ended. A later hit never changes what was chosen of those
 * before it, so it may also stop past the limit.
 *
 * Hits before `behind` are found again, as they say which groups there are.
 *
 * @returns null when a record is gone meanwhile. @throws what `signal` aborts with.
 */
export async function findGroups(
  { searcher, records }: Searched,
  query: EngineQuery,
  { field, wanted, behind = null, resume }: Grouping,
  signal?: AbortSignal,
): Promise<Groups | null> {
  const { limit, groupSize } = query
  const known = new Map<number, IdentityValue | null>()
  // Of all groups within a radius, and of several pages, none may be missing.
  const paged = wanted * groupSize > limit || behind !== null
  const atMost = Math.min(wanted * groupSize, limit + 1)
  let k = Math.min(Math.max(64, atMost * HITS_A_GROUPED_MATCH), MOST_AT_ONCE)
  let after: Hit | null = null
  let chosen = new ChosenHits(wanted, groupSize, behind)
  for (;;) {
    signal?.throwIfAborted()
    const slice = { k, after, paged: paged || after !== null, resume }
    const found = await searcher.search(query, slice, signal)
    // An approximate search may find nearer ones that a smaller one has missed.
    if (after === null) chosen = new ChosenHits(wanted, groupSize, behind)
    for (let i = 0; i < found.hits.length && !chosen.full; i += VALUES_AT_ONCE) {
      const hits = found.hits.slice(i, i + VALUES_AT_ONCE)
      if (!(await readValues(records, hits, field, known, signal))) return null
      for (const hit of hits) chosen.take(hit, known.get(hit.key)!)
    }
    const { hits, groups, full } = chosen
    const cut = hits.length > limit
    if (full || cut || found.hits.length < k) {
      const { exact, explain } = found
      return { hits: hits.slice(0, limit), groups, exact, complete: !cut, explain }
    }
    if (k === MOST_AT_ONCE) after = found.hits.at(-1)!
    k = Math.min(k * 4, MOST_AT_ONCE)
  }
}

/** Makes the values of hits known; false where one is gone. */
async function readValues(
  records: FieldReads,
  hits: readonly Hit[],
  field: string,
  known: Map<number, IdentityValue | null>,
  signal?: AbortSignal,
): Promise<boolean> {
  const keys = hits.map(({ key }) => key).filter((key) => !known.has(key))
  if (keys.length === 0) return true
  const { values, gone } = await records.fieldValues(keys, field, signal)
  for (const [i, key] of keys.entries()) known.set(key, values[i]!)
  return !gone
}

/**
 * The first `size` hits of each of the first `wanted` values, in the order in which they are given. Records without a plain
 * value belong to no group and are left out.
 */
class ChosenHits {
  readonly hits: Hit[] = []
  readonly groups = new Map<number, IdentityValue>()
  readonly #wanted: number
  readonly #size: number
  readonly #behind: Position | null
  readonly #counts = new Map<IdentityValue, number>()
  /** A record that was written between two searches may come twice. */
  readonly #ids = new Set<string>()
  #fullGroups = 0

  constructor(wanted: number, size: number, behind: Position | null) {
    this.#behind = behind
    this.#wanted = wanted
    this.#size = size
  }

  /** Whether no later hit can be chosen. */
  get full(): boolean {
    return this.#fullGroups === this.#wanted
  }

  take(hit: Hit, value: IdentityValue | null): void {
    if (value === null || this.#ids.has(hit.id)) return
    const count = this.#counts.get(value) ?? 0
    if (count === this.#size || (count === 0 && this.#counts.size === this.#wanted)) return
    this.#counts.set(value, count + 1)
    if (count + 1 === this.#size) this.#fullGroups++
    this.#ids.add(hit.id)
    if (this.#behind !== null && comparePositions(hit, this.#behind) <= 0) return
    this.hits.push(hit)
    this.groups.set(hit.key, value)
  }
}
