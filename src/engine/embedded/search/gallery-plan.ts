import type { PlanKind } from '../../../index/planner/corrections.ts'
import type { RowAnswer } from '../../../index/row-index.ts'
import type { GalleryQuery } from '../gallery.ts'
import type { Planned } from './answer-query.ts'

/** A graph has a copy of every vector in memory, which is what such a collection is to do without. */
export const NO_GRAPH = 'memory "codes" keeps no graph'

/** How a search was answered, for `explain`; `graphs`: whether the collection can have one. */
export function planOf(
  query: GalleryQuery,
  { choice: { plan }, afterGraph }: Pick<Planned, 'choice' | 'afterGraph'>,
  graphs: boolean,
): string {
  const filtered = query.keys === null ? '' : 'filtered '
  if (plan === 'graph') return `${filtered}graph`
  if (plan === 'tree') return filtered + query.exactIndex
  const scan = plan === 'gather' && query.keys !== null ? 'gather' : `${filtered}scan`
  const why = afterGraph ? 'after a graph that found too few' : reasonToScan(query, graphs)
  return why === null ? scan : `${scan} ${why}`
}

/** Null when nothing else was asked for. */
function reasonToScan(query: GalleryQuery, graphs: boolean): string | null {
  if (query.accuracy === 'approximate' && !graphs) return `as ${NO_GRAPH}`
  if (query.accuracy === 'approximate' && !fitsGraph(query))
    return 'as the graph cannot answer this'
  if (query.accuracy === 'approximate' && query.keys === null) return 'while the graph is not ready'
  return query.exactIndex === 'scan' ? null : `while the ${query.exactIndex} is not ready`
}

/** A tree computes the canonical distance for every candidate; a scan for those that come to the end. */
export function distancesOf({ levels }: RowAnswer, plan: PlanKind): number {
  if (plan !== 'tree') return levels.at(-1)?.candidates ?? 0
  return levels.reduce((sum, { candidates }) => sum + candidates, 0)
}

/** Beyond this many of the nearest a scan is no slower. */
const MAX_GRAPH_K = 1000

/** A graph answers in one go, with a number of the nearest. */
export function fitsGraph({
  k,
  after,
  paged,
}: Pick<GalleryQuery, 'k' | 'after' | 'paged'>): boolean {
  return k <= MAX_GRAPH_K && after === null && !paged
}

/** For the few nearest of all records: what the levels let through then can be compared. */
export function isPlain({ k, radius, after, keys }: GalleryQuery): boolean {
  return k <= 100 && radius === Number.POSITIVE_INFINITY && after === null && keys === null
}
