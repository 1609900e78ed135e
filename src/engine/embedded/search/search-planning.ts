import type { Accuracy, Choice, GraphOffer, Planner } from '../../../index/planner/planner.ts'
import type { SearchFacts } from '../../../index/planner/search-facts.ts'
import type { SearchLoad } from '../../../index/planner/search-load.ts'
import type { SearchLevel } from '../../../index/row-index.ts'
import type { RowCoding } from '../../../index/scan/cascade/row-coding.ts'
import type { StoredRows } from '../../../kernels/stored-rows.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { Clock } from '../../../scheduling/timers.ts'

/** The milliseconds that a search among the vectors takes. */
export interface SearchCost {
  readonly predictedMs: number
  /** With the time it waited for others. */
  readonly measuredMs: number
}

interface Parts {
  readonly planner: Planner
  /** Shared by all collections. */
  readonly load: SearchLoad
  readonly clock: Clock
  /** How the search threads share large searches. */
  readonly split: Pick<SearchFacts, 'threads' | 'splitAbove'>
  /** The time that `auto` may take to be exact. */
  readonly latencyBudgetMs: number
}

/** Chooses how the searches of one generation are answered, and times them. */
export class SearchPlanning {
  readonly planner: Planner
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.planner = parts.planner
    this.#parts = parts
  }

  facts(
    rows: { readonly vectors: VectorRows | StoredRows; readonly coding: RowCoding },
    query: Pick<SearchFacts, 'records' | 'allowed' | 'k' | 'bounded'>,
  ): SearchFacts {
    const { layout, count } = rows.vectors
    const { dimensions, rowsPerBlock } = layout
    const codes = rows.coding.levels
    return { ...query, ...this.#parts.split, rows: count, dimensions, rowsPerBlock, codes }
  }

  choose(facts: SearchFacts, accuracy: Accuracy, graph: GraphOffer | null): Choice {
    const { planner, load, split, latencyBudgetMs } = this.#parts
    return planner.choose(facts, {
      accuracy,
      budgetMicros: latencyBudgetMs * 1000,
      aheadMicros: load.aheadMicros / split.threads,
      graph,
    })
  }

  /** Runs a search as it was chosen, and learns from it. */
  async timed<T extends { readonly levels: readonly SearchLevel[] }>(
    choice: Choice,
    facts: SearchFacts,
    search: () => Promise<T>,
  ): Promise<{ readonly choice: Choice; readonly answer: T; readonly cost: SearchCost }> {
    const { planner, load, clock } = this.#parts
    const inThreads = choice.plan === 'gather' || choice.plan === 'cascade'
    const end = load.begin(inThreads ? choice.predictedMicros : 0)
    const started = clock()
    let answer: T
    try {
      answer = await search()
    } catch (error) {
      end()
      throw error
    }
    const measuredMs = clock() - started
    // A time among other searches is a measure of them too.
    const alone = end()
    planner.ran(choice, facts, answer.levels, alone ? measuredMs * 1000 : null)
    const cost = { predictedMs: choice.predictedMicros / 1000, measuredMs }
    return { choice, answer, cost }
  }
}
