import type { EngineQuery, SearchPlan } from '../../query.ts'
import type { Slice } from './hits.ts'
import { fitsGraph } from './live-recall.ts'
import type { PlannedAnswer } from './planned-search.ts'

/** A graph has a copy of every vector in memory, and such a collection is there to avoid that. */
export const NO_GRAPH = 'memory "codes" keeps no graph'

const GRAPH_RECALL = {
  missed: 'as the graph misses its recall target',
  unknown: 'while the recall of the graph is not known',
} as const

/** Explains how a search was answered. @param hasGraph whether the collection can have one. */
export function explain(
  query: EngineQuery,
  slice: Slice,
  planned: PlannedAnswer,
  hasGraph: boolean,
): SearchPlan {
  const { plan, graph } = planned.choice
  const { levels } = planned.answer
  // A tree computes the canonical distance for every candidate, a scan for those that reach its last level.
  const distances =
    plan === 'tree'
      ? levels.reduce((sum, { candidates }) => sum + candidates, 0)
      : (levels.at(-1)?.candidates ?? 0)
  return {
    plan: planName(query, slice, planned, hasGraph),
    ...(graph !== null && { ef: graph.ef }),
    levels,
    distances,
    ...planned.cost,
  }
}

function planName(
  query: EngineQuery,
  slice: Slice,
  { choice: { plan }, afterGraph, graphRecall }: PlannedAnswer,
  hasGraph: boolean,
): string {
  const filtered = query.filter === null ? '' : 'filtered '
  if (plan === 'graph') return `${filtered}graph`
  if (plan === 'tree') return filtered + query.exactIndex
  const scan = plan === 'gather' && query.filter !== null ? 'gather' : `${filtered}scan`
  const why = afterGraph
    ? 'after a graph that found too few'
    : graphRecall === undefined
      ? reasonToScan(query, slice, hasGraph)
      : GRAPH_RECALL[graphRecall]
  return why === null ? scan : `${scan} ${why}`
}

/** Why a scan answered although something else was wanted; null when nothing else was. */
function reasonToScan(query: EngineQuery, slice: Slice, hasGraph: boolean): string | null {
  if (query.accuracy === 'approximate') {
    if (!hasGraph) return `as ${NO_GRAPH}`
    if (!fitsGraph(slice)) return 'as the graph cannot answer this'
    if (query.filter === null) return 'while the graph is not ready'
  }
  return query.exactIndex === 'scan' ? null : `while the ${query.exactIndex} is not ready`
}
