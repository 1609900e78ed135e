import type { EngineAnswer, EngineMatch } from '../../engine/query.ts'

/** Another order of an answer than that of the distances to the query. What is left out takes its default. */
export type Rerank =
  | {
      readonly method: 'k-reciprocal'
      /** Neighbours that must have each other among their own. */
      readonly k1?: number
      /** Neighbours whose encodings are averaged. */
      readonly k2?: number
      /** The share of the original distance in the new one. */
      readonly lambda?: number
      /** The nearest records that are put in a new order. */
      readonly candidates?: number
    }
  | {
      readonly method: 'query-expansion'
      /** The nearest records that the query is averaged with. */
      readonly neighbours?: number
    }

/** What the order of an answer rests on. */
export interface RerankSummary {
  readonly method: Rerank['method']
  /** The records that were put in a new order, or that the query was averaged with. */
  readonly records: number
  /**
   * What `exact` says of the answer. `candidates`: that these are the nearest, and in the order of the method among each other;
   * records beyond them had no part. `expanded-query`: that both searches, by the query and by its mean, are exact.
   */
  readonly exactFor: 'candidates' | 'expanded-query'
}

/** What re-ranking changed among the first matches. */
export interface RerankPlan {
  /** The ids that came among them, and that went, in the order of the answers. */
  readonly entered: readonly string[]
  readonly left: readonly string[]
  /** How many stayed among them, at another place. */
  readonly moved: number
  /** The number of distances between records that were computed beside those of the search. */
  readonly distances: number
}

/** Vectors whose distances are made new: the query first, then the candidates. */
export interface RerankedVectors {
  /** Row after row. */
  readonly values: Float32Array
  readonly dimensions: number
  readonly k1?: number
  readonly k2?: number
  readonly lambda?: number
}

/** Port: makes new distances beside everything else. Calls throw QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with. */
export interface Reranking {
  /** Gives the new distance of the first row to each other one. */
  kReciprocal(vectors: RerankedVectors, signal?: AbortSignal): Promise<Float64Array>
}

/** What a re-ranked search gives in the place of an engine's answer. */
export interface RerankedAnswer extends Omit<EngineAnswer, 'matches'> {
  readonly matches: readonly (EngineMatch & { readonly reranked: number })[]
  readonly summary: RerankSummary
  readonly plan: RerankPlan
}

export const DEFAULT_CANDIDATES = 200
export const MAX_CANDIDATES = 1000
export const DEFAULT_NEIGHBOURS = 5
export const MAX_NEIGHBOURS = 100
