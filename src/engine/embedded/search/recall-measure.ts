import type { RecallStanding } from '../../../index/graph/band-recall.ts'
import {
  type FilterBand,
  filterBand,
  type SearchFacts,
} from '../../../index/planner/search-facts.ts'
import type { RowAnswer } from '../../../index/row-index.ts'
import type { GenerationParts } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import type { SearchCost } from './search-planning.ts'

/** Scans at one time that nobody waits for. */
const SCANS_BESIDE = 1
/**
 * The same of searches of the graph, which cost little. With one at a time, of searches that alternate only one kind
 * might be measured, wherever the graph is the slower.
 */
const GRAPH_SEARCHES_BESIDE = 8

interface TimedAnswer {
  readonly answer: RowAnswer
  readonly cost: SearchCost
}

/** The same search, answered by the graph and exactly; both began in one turn, or saw the same records. */
interface BothAnswers {
  readonly band: FilterBand
  /** The number of hits wanted. */
  readonly k: number
  readonly byGraph: Promise<TimedAnswer>
  readonly exactly: Promise<TimedAnswer>
}

/** Measures the recall of the graph of one generation by searches that are answered in both ways. */
export class RecallMeasure {
  readonly #parts: Pick<GenerationParts, 'graph' | 'recall'>
  readonly #rows: GenerationRows
  /** The number of measurements under way that nobody waits for. */
  #underWay = 0

  constructor(parts: Pick<GenerationParts, 'graph' | 'recall'>, rows: GenerationRows) {
    this.#parts = parts
    this.#rows = rows
  }

  /** Tells whether the graph is known to find the share that was promised. */
  standing(facts: SearchFacts): RecallStanding {
    const { graph, recall } = this.#parts
    const contents = graph?.contents ?? null
    return contents === null ? 'unknown' : recall.standing(filterBand(facts), contents)
  }

  /** Tells whether a search of users should be answered in both ways now. */
  isDue(band: FilterBand, standing: RecallStanding): boolean {
    const { graph, recall } = this.#parts
    const contents = graph?.contents ?? null
    const most = standing === 'kept' ? SCANS_BESIDE : GRAPH_SEARCHES_BESIDE
    return this.#underWay < most && contents !== null && recall.wantsMore(band, contents)
  }

  /** Learns from both answers; nobody waits for it, and what is broken is named by the next search that needs it. */
  beside(both: BothAnswers): void {
    this.#underWay++
    const learnt = pinned(this.#rows, () => this.learn(both)).catch(() => undefined)
    void learnt.then(() => {
      this.#underWay--
    })
  }

  /** Learns from both answers, and has another graph made where this one finds too little. */
  async learn({ band, k, byGraph, exactly }: BothAnswers): Promise<void> {
    const { graph, recall } = this.#parts
    const contents = graph?.contents ?? null
    const [near, exact] = await Promise.all([byGraph, exactly])
    if (contents === null || graph?.contents?.graph !== contents.graph) return
    const found = nearestDistances(near.answer, k)
    recall.learn(band, contents, found, nearestDistances(exact.answer, k))
    recall.spent(near.cost.measuredMs + exact.cost.measuredMs)
    if (recall.takeRebuild(this.#rows.changes, this.#rows.count)) graph.rebuild()
  }
}

/** Gives the distances of the `k` nearest of an answer, ascending. */
function nearestDistances({ distances }: RowAnswer, k: number): Float64Array {
  return distances.slice().sort().subarray(0, k)
}
