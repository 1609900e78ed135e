import { type EfStep, EfTuner, efFor } from '../../../index/graph/ef-tuner.ts'
import { QuerySample } from '../../../index/graph/query-sample.ts'
import { type RecallResult, RecallWindow } from '../../../index/graph/recall-interval.ts'
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
  /** The largest list has been seen not to do. */
  outOfReach: boolean
}

/** Share of the records that has to change before a graph is made anew for its recall once more. */
const CHANGED_SHARE = 0.2

type GraphQuery = Pick<Slice, 'k' | 'after' | 'paged'> & Pick<EngineQuery, 'without' | 'ef'>

/** A search that may be repeated. */
export interface SampledSearch {
  readonly query: EngineQuery
  readonly slice: Slice
}

/** Queries kept to be asked again. */
const SAMPLED = 32
/** Beyond this many candidates for a filter an exact search is cheaper. */
const MAX_FETCH = 2000

/**
 * The recall of one graph, from real queries that are answered again, by the graph and exactly; and the length of
 * the candidate list that reaches the target, for each filter band.
 */
export class LiveRecall {
  readonly #parts: Parts
  readonly #sample: QuerySample<SampledSearch>
  readonly #bands = new Map<FilterBand, Band>()
  /** Null: the graph was never made anew for its recall. */
  #changesAtRebuild: number | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#sample = new QuerySample(SAMPLED, parts.random)
  }

  /** What the graph is to be asked for; null where it cannot answer. */
  offer(query: GraphQuery, band: FilterBand, facts: SearchFacts): GraphOffer | null {
    if (!fitsGraph(query)) return null
    const left = query.without.length
    const tuned = query.ef ?? efFor(this.#band(band).tuner.ef, query.k)
    if (band === 'all') return { fetch: query.k + left, ef: Math.max(tuned, query.k + left) }
    const fetch = Math.max(tuned, toFilter(query.k, facts.allowed / facts.records) + left)
    return fetch <= MAX_FETCH ? { fetch, ef: fetch } : null
  }

  /** Whether the target is, as far as is known, reached. */
  reaches(band: FilterBand): boolean {
    return !this.#band(band).outOfReach
  }

  /** Notes a search of a user, which may be repeated. */
  saw({ ef: _own, ...query }: EngineQuery, slice: Slice): void {
    if (fitsGraph(slice)) this.#sample.add({ query, slice })
  }

  /** A query to ask again; null when there is none. */
  take(): SampledSearch | null {
    return this.#sample.take()
  }

  /** Takes up what the graph found of an exact answer, both to the same query at the same moment. */
  learn(band: FilterBand, graph: readonly Hit[], exact: readonly Hit[]): EfStep {
    const result = compared(graph, exact)
    if (result === null) return 'stay'
    const known = this.#band(band)
    const now = this.#parts.clock()
    known.window.add(result, now)
    const step = known.tuner.step(known.window.estimate(now)!)
    // What was found with another list says nothing of this one.
    if (step === 'up' || step === 'down') known.window.clear()
    known.outOfReach = step === 'out of reach'
    return step
  }

  /**
   * Whether the graph is to be made anew, which is then taken for done: a target is out of reach, and the graph
   * would not be of the same records once more.
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
    return FILTER_BANDS.flatMap((filter) => {
      const band = this.#bands.get(filter)
      const estimate = band?.window.estimate(now) ?? null
      return band === undefined || estimate === null
        ? []
        : [{ filter, ef: band.tuner.ef, ...estimate }]
    })
  }

  #band(filter: FilterBand): Band {
    const known = this.#bands.get(filter)
    if (known !== undefined) return known
    const tuner = new EfTuner(this.#parts.recallTarget)
    const band = { tuner, window: new RecallWindow(), outOfReach: false }
    this.#bands.set(filter, band)
    return band
  }
}

/** By distance, so that of records that tie at the end either will do. Null where nothing is to be found. */
function compared(graph: readonly Hit[], exact: readonly Hit[]): RecallResult | null {
  const farthest = exact.at(-1)?.distance
  if (farthest === undefined) return null
  const wanted = exact.length
  const found = graph.filter(({ distance }) => distance <= farthest).length
  return { found: Math.min(found, wanted), wanted }
}

/** A graph finds the nearest in one go, and beyond this many a scan is no slower. */
const MAX_GRAPH_K = 1000

export function fitsGraph({ k, after, paged }: Pick<Slice, 'k' | 'after' | 'paged'>): boolean {
  return k <= MAX_GRAPH_K && after === null && !paged
}

/** Candidates of which k are allowed, but for chance beyond three standard deviations of a binomial. */
function toFilter(k: number, share: number): number {
  const mean = k + 4.5 + 3 * Math.sqrt(k + 2.25)
  return Math.ceil(mean / share)
}
