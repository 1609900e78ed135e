import type { GraphContents } from '../../../index/graph/approximate-index.ts'
import { BandRecall, type RecallStanding } from '../../../index/graph/band-recall.ts'
import { type EfStep, efFor } from '../../../index/graph/ef-tuner.ts'
import { QuerySample } from '../../../index/graph/query-sample.ts'
import type { GraphOffer } from '../../../index/planner/planner.ts'
import {
  FILTER_BANDS,
  type FilterBand,
  type SearchFacts,
} from '../../../index/planner/search-facts.ts'
import type { Clock } from '../../../scheduling/timers.ts'
import type { Random } from '../../../vector/random.ts'
import { type EngineQuery, MAX_APPROXIMATE_K, type MeasuredRecall } from '../../query.ts'
import type { Slice } from './hits.ts'

interface Parts {
  readonly recallTarget: number
  readonly random: Random
  readonly clock: Clock
}

type GraphSlice = Pick<Slice, 'k' | 'after' | 'paged'>

/** A search that may be repeated. */
interface SampledSearch {
  readonly query: EngineQuery
  readonly slice: Slice
}

/** Share of the records that has to change before another graph is made for its recall once more. */
const CHANGED_SHARE = 0.2
/** Share of the records of a graph that may come or end before what was measured of it is forgotten. */
const FORGOTTEN_SHARE = 0.1
/** The largest share of the time in which searches are answered twice, once enough is known. */
const SHARE_OF_TIME = 0.02
/** Searches kept to be repeated. */
const SAMPLED = 32
/** Beyond this many candidates for a filter an exact search is cheaper. */
const MAX_FETCH = 2000

/**
 * The recall of the graph of one generation, from real queries that are answered twice, by the graph and exactly; and the
 * length of the candidate list that reaches the target, for each filter band.
 */
export class LiveRecall {
  readonly #parts: Parts
  readonly #sample: QuerySample<SampledSearch>
  readonly #bands: ReadonlyMap<FilterBand, BandRecall>
  /** The graph when the first search was measured of those that still count. */
  #measured: GraphContents | null = null
  #restUntil = 0
  /** Null: no graph was made for its recall yet. */
  #changesAtRebuild: number | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#sample = new QuerySample(SAMPLED, parts.random)
    const { recallTarget } = parts
    this.#bands = new Map(FILTER_BANDS.map((filter) => [filter, new BandRecall(recallTarget)]))
  }

  /** Gives what to search the graph for; null where it cannot answer. */
  offer(
    query: GraphSlice & Pick<EngineQuery, 'without' | 'ef'>,
    band: FilterBand,
    facts: SearchFacts,
  ): GraphOffer | null {
    if (!fitsGraph(query)) return null
    const left = query.without.length
    const tuned = query.ef ?? efFor(this.#band(band).ef, query.k)
    if (band === 'all') return { fetch: query.k + left, ef: Math.max(tuned, query.k + left) }
    // Of these, k are allowed, but for chance beyond three standard deviations of a binomial.
    const candidates = query.k + 4.5 + 3 * Math.sqrt(query.k + 2.25)
    const share = facts.allowed / facts.records
    const fetch = Math.max(tuned, Math.ceil(candidates / share) + left)
    return fetch <= MAX_FETCH ? { fetch, ef: fetch } : null
  }

  /** Tells whether the graph as it is now finds the share that was promised. */
  standing(band: FilterBand, graph: GraphContents): RecallStanding {
    this.#meet(graph)
    return this.#band(band).standing(this.#parts.clock())
  }

  /**
   * Tells whether a search should be answered twice: while too little is known, then for a small share of the time. Of those
   * that the graph answers it is every other at random, lest of searches that alternate only one kind is measured.
   */
  wantsMore(filter: FilterBand, graph: GraphContents): boolean {
    this.#meet(graph)
    const { clock, random } = this.#parts
    const now = clock()
    const band = this.#band(filter)
    if (!band.needsMore(now) && now < this.#restUntil) return false
    return band.standing(now) !== 'kept' || random() < 0.5
  }

  /** To be called when a search was answered twice, which took so long. */
  spent(ms: number): void {
    this.#restUntil = this.#parts.clock() + ms * (1 / SHARE_OF_TIME - 1)
  }

  /** Notes a search of a user, which may be repeated. */
  saw({ ef: _own, ...query }: EngineQuery, slice: Slice): void {
    if (fitsGraph(slice)) this.#sample.add({ query, slice })
  }

  /** Gives a search to repeat; null when there is none. */
  take(): SampledSearch | null {
    return this.#sample.take()
  }

  /**
   * Learns from what a graph found of an exact answer, both to the same query at the same moment.
   * @param found distances of the graph's answer, and of the exact one, ascending.
   */
  learn(band: FilterBand, graph: GraphContents, found: Float64Array, exact: Float64Array): EfStep {
    const farthest = exact.at(-1)
    if (farthest === undefined) return 'stay'
    this.#meet(graph)
    // By distance, so that of records that tie at the end either will do.
    const near = found.filter((distance) => distance <= farthest).length
    const wanted = exact.length
    return this.#band(band).learn(Math.min(near, wanted), wanted, this.#parts.clock())
  }

  /**
   * Tells whether to make another graph, which is then taken for begun: a target is out of reach, and the graph would not be
   * of the same records once more.
   *
   * @param changes of the collection so far.
   */
  takeRebuild(changes: number, records: number): boolean {
    const last = this.#changesAtRebuild
    const missed = [...this.#bands.values()].some(({ outOfReach }) => outOfReach)
    if (!missed || (last !== null && changes - last <= records * CHANGED_SHARE)) return false
    this.#changesAtRebuild = changes
    return true
  }

  /** What is known of the recall of such answers by the graph as it is now; null where nothing was measured. */
  measuredOf(filter: FilterBand, graph: GraphContents): MeasuredRecall | null {
    this.#meet(graph)
    const band = this.#band(filter)
    const latest = band.latest(this.#parts.clock())
    return latest && { filter, ef: band.ef, ...latest }
  }

  /** Gives the same of all bands. @param graph null where there is none now. */
  measured(graph: GraphContents | null): readonly MeasuredRecall[] {
    if (graph === null) return []
    this.#meet(graph)
    const now = this.#parts.clock()
    return [...this.#bands].flatMap(([filter, band]) => {
      const estimate = band.estimate(now)
      return estimate === null ? [] : [{ filter, ef: band.ef, ...estimate }]
    })
  }

  #band(filter: FilterBand): BandRecall {
    return this.#bands.get(filter)!
  }

  /** Forgets what was measured of another graph, or of one that has become another by what came and ended since. */
  #meet(graph: GraphContents): void {
    this.#measured ??= graph
    const { graph: number, changes } = this.#measured
    const isSame = graph.graph === number
    if (isSame && graph.changes - changes <= graph.records * FORGOTTEN_SHARE) return
    this.#measured = graph
    for (const band of this.#bands.values()) {
      if (isSame) band.forget()
      else band.reset()
    }
  }
}

export function fitsGraph({ k, after, paged }: GraphSlice): boolean {
  return k <= MAX_APPROXIMATE_K && after === null && !paged
}
