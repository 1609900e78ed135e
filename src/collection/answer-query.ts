import type { ApproximateIndex } from '../index/approximate-index.ts'
import type { Choice } from '../index/planner/planner.ts'
import type { SearchFacts } from '../index/planner/search-facts.ts'
import type { RowsNow, RowTrees } from '../index/row-trees.ts'
import type { ExactWay, VectorAnswer, VectorIndex, VectorQuery } from '../index/vector-index.ts'
import { StoredRows } from '../kernels/stored-rows.ts'
import type { VectorRows } from '../kernels/vector-rows.ts'
import type { GalleryQuery, SearchCost } from './gallery.ts'
import { graphOffer } from './gallery-plan.ts'
import { searchGraph } from './graph-search.ts'
import { firstBits, type RowSlots } from './row-slots.ts'
import type { SearchPlanning } from './search-planning.ts'

/** What can answer queries over one collection's rows, and who chooses. */
export interface Searchers {
  readonly rows: VectorRows | StoredRows
  readonly index: VectorIndex
  /** Both null where rows are in a file: a tree or graph has all of them in memory. */
  readonly trees: RowTrees | null
  readonly graph: ApproximateIndex | null
  readonly planning: SearchPlanning
}

interface Answered {
  readonly choice: Choice
  readonly answer: VectorAnswer
  readonly cost: SearchCost
}

/**
 * Answers a query as it is planned. Call it under a ticket, in the turn in which `rowQuery` and `facts` were made.
 * @param treeRows the rows as a tree has to know them; null where no tree can answer.
 */
export async function answerQuery(
  searchers: Searchers & { readonly slots: RowSlots },
  query: GalleryQuery,
  rowQuery: VectorQuery,
  facts: SearchFacts,
  treeRows: RowsNow | null,
  signal?: AbortSignal,
): Promise<Answered> {
  const { rows, index, trees, graph, planning, slots } = searchers
  const run = async <T extends VectorAnswer>(choice: Choice, search: () => Promise<T>) => {
    return { choice, ...(await planning.timed(choice, facts, search)) }
  }
  if (query.exactIndex !== 'scan' && trees !== null && treeRows !== null) {
    const inTree = trees.search(query.exactIndex, rowQuery, treeRows)
    if (inTree !== null) return run(planning.planner.treePlan(facts), () => inTree)
  }
  const accuracy = query.accuracy === 'approximate' ? 'approximate' : 'exact'
  const choice = planning.choose(facts, accuracy, graphOffer(query, graph))
  const offer = choice.graph
  if (graph !== null && offer !== null) {
    const found = await run(choice, () => {
      const parts = { graph, index, rows, slots }
      return searchGraph(parts, rowQuery, facts.allowed, offer, signal)
    })
    if (!found.answer.short) return found
  }
  const exact = offer === null ? choice : planning.choose(facts, 'exact', null)
  // The rows of when the search began, also where the graph was asked in vain meanwhile.
  const allowed = offer === null ? rowQuery.allowed : (rowQuery.allowed ?? firstBits(facts.rows))
  return run(exact, () => {
    // What the planner knows of gathering rows does not hold for rows of a file.
    const way = rows instanceof StoredRows ? {} : { way: wayOf(exact, facts) }
    return index.search({ ...rowQuery, ...way, allowed }, signal)
  })
}

function wayOf({ plan }: Choice, { allowed }: SearchFacts): ExactWay {
  return plan === 'gather' ? { kind: 'gather', rows: allowed } : { kind: 'cascade' }
}
