import { type EfStep, EfTuner, efFor } from '../../../index/graph/ef-tuner.ts'
import { QuerySample } from '../../../index/graph/query-sample.ts'
import { RecallWindow } from '../../../index/graph/recall-interval.ts'
import type { GraphOffer } from '../../../index/planner/planner.ts'
import {
  FILTER_BANDS,
  type FilterBand,
  type SearchFacts,
} from '../../../index/planner/search-facts.ts'
import type { Clock } from '../../../scheduling/timers.ts'
import type { Random } from '../../../vector/random.ts'
import type { MeasuredRecall } from '../../engine.ts'
import type { EngineQuery } from '../../query.ts'
import type { Hit, Slice } from './hits.ts'

interface Parts {
  readonly recallTarget: number
  readonly random: Random
  readonly clock: Clock
}

interface Band {
  readonly tuner: EfTuner
  readonly window: RecallWindow
  /** Whether the target was missed with the largest list. */
  outOfReach: boolean
}

type GraphSlice = Pick<Slice, 'k' | 'after' | 'paged'>

/** A search that may be repeated. */
interface SampledSearch {
  readonly query: EngineQuery
  readonly slice: Slice
}

/** Share of the records that has to change before another graph is made for its recall once more. */
const CHANGED_SHARE = 0.2
/** Searches kept to be repeated. */
const SAMPLED = 32
/** A graph finds the nearest in one go, and beyond this many a scan is no slower. */
const MAX_GRAPH_K = 1000
/** Beyond this many candidates for a filter an exact search is cheaper. */
const MAX_FETCH = 2000

/**
 * The recall of one graph, from real queries that are answered again, by the graph and exactly; and the length of
 * the candidate list that reaches the target, for each filter band.
 */
export class LiveRecall {
  readonly #parts: Parts
  readonly #sample: QuerySample<SampledSearch>
  readonly #bands: ReadonlyMap<FilterBand, Band>
  /** Null: no graph was made for its recall yet. */
  #changesAtRebuild: number | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#sample = new QuerySample(SAMPLED, parts.random)
    this.#bands = new Map(
      FILTER_BANDS.map((filter) => {
        const tuner = new EfTuner(parts.recallTarget)
        return [filter, { tuner, window: new RecallWindow(), outOfReach: false }]
      }),
    )
  }

  /** Gives what to search the graph for; null where it cannot answer. */
  offer(
    query: GraphSlice & Pick<EngineQuery, 'without' | 'ef'>,
    band: FilterBand,
    facts: SearchFacts,
  ): GraphOffer | null {
    if (!fitsGraph(query)) return null
    const left = query.without.length
    const tuned = query.ef ?? efFor(this.#bands.get(band)!.tuner.ef, query.k)
    if (band === 'all') return { fetch: query.k + left, ef: Math.max(tuned, query.k + left) }
    // Of these, k are allowed, but for chance beyond three standard deviations of a binomial.
    const candidates = query.k + 4.5 + 3 * Math.sqrt(query.k + 2.25)
    const share = facts.allowed / facts.records
    const fetch = Math.max(tuned, Math.ceil(candidates / share) + left)
    return fetch <= MAX_FETCH ? { fetch, ef: fetch } : null
  }

  /** Whether the target is, as far as is known, reached. */
  reaches(band: FilterBand): boolean {
    return !this.#bands.get(band)!.outOfReach
  }

  /** Notes a search of a user, which may be repeated. */
  saw({ ef: _own, ...query }: EngineQuery, slice: Slice): void {
    if (fitsGraph(slice)) this.#sample.add({ query, slice })
  }

  /** Gives a search to repeat; null when there is none. */
  take(): SampledSearch | null {
    return this.#sample.take()
  }

  /** Learns from what the graph found of an exact answer, both to the same query at the same moment. */
  learn(band: FilterBand, graph: readonly Hit[], exact: readonly Hit[]): EfStep {
    const farthest = exact.at(-1)?.distance
    if (farthest === undefined) return 'stay'
    const wanted = exact.length
    // By distance, so that of records that tie at the end either will do.
    const near = graph.filter(({ distance }) => distance <= farthest).length
    const known = this.#bands.get(band)!
    const now = this.#parts.clock()
    known.window.add({ found: Math.min(near, wanted), wanted }, now)
    const step = known.tuner.step(known.window.estimate(now)!)
    // What was found with another list is no measure of this one.
    if (step === 'up' || step === 'down') known.window.clear()
    known.outOfReach = step === 'out of reach'
    return step
  }

  /**
   * Whether to make another graph, which is then taken for done: a target is out of reach, and the graph would not be
   * of the same records once more.
   *
   * @param changes of the collection so far.
   */
  takeRebuild(changes: number, records: number): boolean {
    const last = this.#changesAtRebuild
    const missed = [...this.#bands.values()].some(({ outOfReach }) => outOfReach)
    if (!missed || (last !== null && changes - last <= records * CHANGED_SHARE)) return false
    this.#changesAtRebuild = changes
    for (const band of this.#bands.values()) {
      band.window.clear()
      band.tuner.reset()
      band.outOfReach = false
    }
    return true
  }

  get measured(): readonly MeasuredRecall[] {
    const now = this.#parts.clock()
    return [...this.#bands].flatMap(([filter, { tuner, window }]) => {
      const estimate = window.estimate(now)
      return estimate === null ? [] : [{ filter, ef: tuner.ef, ...estimate }]
    })
  }
}

export function fitsGraph({ k, after, paged }: GraphSlice): boolean {
  return k <= MAX_GRAPH_K && after === null && !paged
}
