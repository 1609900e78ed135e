import type { EngineQuery } from '../../query.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import { allowedRows } from '../rows/allowed-rows.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import { packedIds } from '../selection/packed-ids.ts'
import type { Found, GenerationSearch } from './generation-search.ts'
import { hitsOf, type Slice } from './hits.ts'

interface Searched {
  readonly spec: { readonly metric: GenerationParts['index']['space'] }
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'matching'>
  readonly index: GenerationParts['index']
  readonly selections: GenerationParts['selections']
  readonly searcher: Pick<GenerationSearch, 'search'>
}

/** Finds the k farthest records, from the farthest on, then by id. */
export function farthestHits(
  { rows, records, index }: Searched,
  { vector, ...which }: EngineQuery,
  k: number,
  signal?: AbortSignal,
): Promise<Found> {
  return pinned(rows, async () => {
    const { bits: allowed } = await allowedRows(rows, records, which, signal)
    const started = performance.now()
    const answer = await index.farthest({ vector, k, allowed }, signal)
    const measuredMs = performance.now() - started
    // Below 0, so that the farthest come first.
    const hits = hitsOf(rows.slots, answer, { after: null, k }).map((hit) => {
      return { ...hit, distance: Math.abs(hit.distance) }
    })
    const { levels } = answer
    const distances = levels.at(-1)?.candidates ?? 0
    const explain = { plan: 'farthest', levels, distances, measuredMs }
    return { hits, exact: true, explain }
  })
}

/** Chooses `k` of the `candidates` nearest by maximal marginal relevance: see `mostDiverse`. */
export function diverseHits(
  { spec, rows, searcher, selections }: Searched,
  query: EngineQuery,
  {
    k,
    candidates,
    diversity,
  }: { readonly k: number; readonly candidates: number; readonly diversity: number },
  signal?: AbortSignal,
): Promise<Found> {
  return pinned(rows, async () => {
    const slice: Slice = { k: candidates, after: null, paged: false }
    const found = await searcher.search(query, slice, signal)
    const listed = Uint32Array.from(found.hits, ({ key }) => rows.slots.rowOfKey(key)!)
    const wanted = {
      rows: rows.vectors.view(),
      space: spec.metric,
      listed,
      ids: await packedIds(rows.slots, listed, signal),
      distances: Float64Array.from(found.hits, ({ distance }) => distance),
      k,
      diversity,
    }
    const chosen = await selections.call('diverse', wanted, { signal })
    return { ...found, hits: chosen.map((position) => found.hits[position]!) }
  })
}
