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
  /** What `auto` may take to be exact. */
  readonly latencyBudgetMs: number
}

/** What a gallery knows of a search before it chooses how to answer it. */
export type Asked = Pick<SearchFacts, 'records' | 'allowed' | 'k' | 'bounded'>

/** Chooses how the searches of one gallery are answered, and times them. */
export class SearchPlanning {
  readonly planner: Planner
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.planner = parts.planner
    this.#parts = parts
  }

  facts(rows: VectorRows | StoredRows, coding: RowCoding | null, asked: Asked): SearchFacts {
    const { dimensions, rowsPerBlock } = rows.layout
    const codes = coding?.levels ?? 'none'
    return { ...asked, ...this.#parts.split, rows: rows.count, dimensions, rowsPerBlock, codes }
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
  ): Promise<{ readonly answer: T; readonly cost: SearchCost }> {
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
    // A time among other searches tells of them too.
    const alone = end()
    planner.ran(choice, facts, answer.levels, alone ? measuredMs * 1000 : null)
    return { answer, cost: { predictedMs: choice.predictedMicros / 1000, measuredMs } }
  }
}
