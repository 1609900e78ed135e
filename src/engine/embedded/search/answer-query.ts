import type { ApproximateIndex } from '../../../index/graph/approximate-index.ts'
import type { Choice, GraphOffer } from '../../../index/planner/planner.ts'
import { filterBand, type SearchFacts } from '../../../index/planner/search-facts.ts'
import type { ExactWay, RowAnswer, RowIndex, RowQuery } from '../../../index/row-index.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import { firstBits } from '../../../vector/bitset.ts'
import type { GalleryQuery, SearchCost } from '../gallery.ts'
import type { RowSlots } from '../rows/row-slots.ts'
import type { RowsNow, ThreadedTrees } from '../trees/threaded-trees.ts'
import { searchGraph } from './graph-search.ts'
import type { LiveRecall } from './live-recall.ts'
import type { SearchPlanning } from './search-planning.ts'

/** What can answer queries over one collection's rows, and who chooses. */
export interface Searchers {
  readonly rows: VectorRows | StoredRows
  readonly index: RowIndex
  /** Both null where rows are in a file: a tree or graph has all of them in memory. */
  readonly trees: ThreadedTrees | null
  readonly graph: ApproximateIndex | null
  readonly planning: SearchPlanning
  readonly recall: LiveRecall
}

type WithSlots = Searchers & { readonly slots: RowSlots }

/** A search as the gallery knows it in the turn in which it is answered. */
export interface Asked {
  readonly query: GalleryQuery
  readonly rowQuery: RowQuery
  readonly facts: SearchFacts
  readonly rowsNow: RowsNow
  /** Nothing has ended since the search began: a tree and the graph have forgotten what has. */
  readonly current: boolean
}

export interface Planned {
  readonly choice: Choice
  readonly answer: RowAnswer
  readonly cost: SearchCost
  /** The graph was asked, and found fewer than k although more are there. */
  readonly afterGraph: boolean
}

/** Answers as the planner chooses: by a tree that was asked for, the graph, or a scan in one of its ways. */
export async function answerQuery(
  parts: WithSlots,
  asked: Asked,
  signal?: AbortSignal,
): Promise<Planned> {
  const { query, rowQuery, facts, rowsNow, current } = asked
  const { trees, planning } = parts
  if (query.exactIndex !== 'scan' && trees !== null && current) {
    const inTree = trees.search(query.exactIndex, rowQuery, rowsNow)
    if (inTree !== null) {
      const choice = planning.planner.treePlan(facts)
      return { choice, ...(await planning.timed(choice, facts, () => inTree)), afterGraph: false }
    }
  }
  const choice = planning.choose(facts, query.accuracy, offered(parts, asked))
  if (choice.graph === null) return byScan(parts, asked, choice, rowQuery.allowed, signal)
  const found = await byGraph(parts, asked, choice, choice.graph, signal)
  if (!found.short) return found
  // The rows of when the search began, although the graph was asked meanwhile.
  const allowed = rowQuery.allowed ?? firstBits(facts.rows)
  const exact = planning.choose(facts, 'exact', null)
  const scanned = await byScan(parts, asked, exact, allowed, signal)
  return { ...scanned, cost: both(found.cost, scanned.cost), afterGraph: true }
}

function both(one: SearchCost, other: SearchCost): SearchCost {
  return {
    predictedMs: one.predictedMs + other.predictedMs,
    measuredMs: one.measuredMs + other.measuredMs,
  }
}

/** By the graph, whatever it costs; null where it cannot answer. */
export async function graphSearch(parts: WithSlots, asked: Asked): Promise<Planned | null> {
  const offer = offered(parts, asked)
  if (offer === null) return null
  const choice = parts.planning.planner.graphPlan(asked.facts, offer)
  return byGraph(parts, asked, choice, offer)
}

/** The exact plans one after the other as `turn` goes on, so that each is timed now and then. */
export function scanInTurn(parts: Searchers, asked: Asked, turn: number): Promise<Planned> {
  const plans = parts.planning.planner.exactPlans(asked.facts)
  return byScan(parts, asked, plans[turn % plans.length]!, asked.rowQuery.allowed)
}

/** How the ten nearest of all are found now, left to the planner. */
export function planInForce(
  { graph, planning, recall }: Searchers,
  facts: SearchFacts,
): 'scan' | 'graph' {
  const ready = graph?.state.kind === 'ready' && recall.reaches('all')
  const typical = { k: facts.k, after: null, paged: false, without: [] }
  const offer = ready ? recall.offer(typical, 'all', facts) : null
  return planning.choose(facts, 'auto', offer).plan === 'graph' ? 'graph' : 'scan'
}

function offered({ graph, recall }: Searchers, asked: Asked): GraphOffer | null {
  const { query, facts, current } = asked
  if (graph?.state.kind !== 'ready' || !current) return null
  const band = filterBand(facts)
  if (query.accuracy === 'auto' && !recall.reaches(band)) return null
  return recall.offer(query, band, facts)
}

async function byGraph(
  { graph, index, slots, planning }: WithSlots,
  { rowQuery, facts }: Asked,
  choice: Choice,
  offer: GraphOffer,
  signal?: AbortSignal,
): Promise<Planned & { readonly short: boolean }> {
  if (graph === null) throw new Error('expected a graph, as one was chosen')
  const { answer, cost } = await planning.timed(choice, facts, () => {
    return searchGraph({ graph, index, slots }, rowQuery, facts.allowed, offer, signal)
  })
  return { choice, answer, cost, afterGraph: false, short: answer.short }
}

async function byScan(
  { rows, index, planning }: Searchers,
  { rowQuery, facts }: Asked,
  choice: Choice,
  allowed: Uint32Array | null,
  signal?: AbortSignal,
): Promise<Planned> {
  // What the planner knows of gathering rows does not hold for rows of a file.
  const way = rows instanceof StoredRows ? {} : { way: wayOf(choice, facts) }
  const { answer, cost } = await planning.timed(choice, facts, () => {
    return index.search({ ...rowQuery, ...way, allowed }, signal)
  })
  return { choice, answer, cost, afterGraph: false }
}

function wayOf({ plan }: Choice, { allowed }: SearchFacts): ExactWay {
  return plan === 'gather' ? { kind: 'gather', rows: allowed } : { kind: 'cascade' }
}
