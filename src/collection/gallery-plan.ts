import type { ApproximateIndex } from '../index/approximate-index.ts'
import type { PlanKind } from '../index/planner/corrections.ts'
import type { GraphOffer } from '../index/planner/planner.ts'
import type { VectorAnswer } from '../index/vector-index.ts'
import type { GalleryQuery } from './gallery.ts'

/** How a search was answered, for `explain`. */
export function planOf(query: GalleryQuery, plan: PlanKind): string {
  const filtered = query.keys === null ? '' : 'filtered '
  if (plan === 'graph') return 'graph'
  if (plan === 'tree') return filtered + query.exactIndex
  const scan = plan === 'gather' && query.keys !== null ? 'gather' : `${filtered}scan`
  const why = reasonToScan(query)
  return why === null ? scan : `${scan} ${why}`
}

/** Null when nothing else was asked for. */
function reasonToScan(query: GalleryQuery): string | null {
  if (query.accuracy === 'approximate') {
    return fitsGraph(query) ? 'while the graph is not ready' : 'as the graph cannot answer this'
  }
  return query.exactIndex === 'scan' ? null : `while the ${query.exactIndex} is not ready`
}

/** A tree computes the canonical distance for every candidate; a scan for those that come to the end. */
export function distancesOf({ levels }: VectorAnswer, plan: PlanKind): number {
  if (plan !== 'tree') return levels.at(-1)?.candidates ?? 0
  return levels.reduce((sum, { candidates }) => sum + candidates, 0)
}

/** Beyond this many of the nearest a scan is no slower. */
const MAX_GRAPH_K = 1000
/** Reaches a recall of .95 at 10 on embeddings and made clusters; a larger k needs to see more. */
const EF = 64
const EF_PER_K = 2

/** The graph knows the nearest of all: no filter, no place to go on from. */
function fitsGraph({ k, keys, after }: GalleryQuery): boolean {
  return k <= MAX_GRAPH_K && keys === null && after === null
}

/** What a graph that is ready can do for a query; null for nothing. */
export function graphOffer(query: GalleryQuery, graph: ApproximateIndex | null): GraphOffer | null {
  if (!fitsGraph(query) || graph?.state.kind !== 'ready') return null
  const fetch = query.k + query.without.length
  return { fetch, ef: Math.max(EF, fetch * EF_PER_K) }
}
