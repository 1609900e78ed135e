import type { RecallEstimate } from '../index/graph/recall-interval.ts'
import type { TreeKind } from '../index/metric/row-tree.ts'
import type { Accuracy } from '../index/planner/planner.ts'
import type { FilterBand } from '../index/planner/search-facts.ts'
import type { SearchLevel } from '../index/row-index.ts'
import { SET_DISTANCES, type SetDistance } from '../index/sets/set-distance.ts'
import type { Filter } from './filter.ts'
import type { IdentityValue } from './identity-value.ts'
import type { Metadata } from './metadata.ts'

/** The index that an exact answer comes from; every one gives the same answer. */
export type ExactIndex = 'scan' | TreeKind

/** A search for the records of one collection that are nearest to a vector. */
export interface EngineQuery {
  /** A vector of the generation that is searched, as stored (see `toStoredVector`). */
  readonly vector: Float32Array
  /** The number of nearest records wanted; null: 10, or with a radius all within it. */
  readonly k: number | null
  /** The largest published distance, inclusive; null for none. */
  readonly radius: number | null
  readonly filter: Filter | null
  /** Ids of records to leave out. */
  readonly without: readonly string[]
  /**
   * A metadata field, by whose values records are grouped: the answer has at most `groupSize` records of each value, and
   * `k` values; with a radius and no `k` all values within it.
   */
  readonly groupBy: string | null
  readonly groupSize: number
  /** The index to answer from. Where it is not ready, a scan answers. */
  readonly exactIndex: ExactIndex
  /** The least that the answer may be. `auto`: exact where that is expected to be within the latency budget. */
  readonly accuracy: Accuracy
  /** The number of candidates that a graph keeps in sight; left out, the one that reaches the recall target. */
  readonly ef?: number
  /** What is searched by in the place of `vector`; with `k`, `radius` or both, and no cursor. */
  readonly combined?: CombinedQuery
  /** Whether the farthest are wanted in place of the nearest; with `k` alone, and no cursor. */
  readonly farthest?: boolean
  /** Chooses among more of the nearest so that the answer is diverse; no cursor. Left out, the nearest are the answer. */
  readonly diversify?: {
    /** 0 to 1: what being unlike the others counts for, beside being near. */
    readonly diversity: number
    /** The number of nearest records that are chosen from. */
    readonly candidates: number
  }
  readonly include: { readonly metadata: boolean; readonly vectors: boolean }
  /** The most matches in one answer. The rest is behind the cursor. */
  readonly limit: number
  /** The cursor of an earlier answer to the same query; null for the first page. */
  readonly cursor: string | null
}

export const COMBINATIONS = ['sum', 'max', 'min'] as const

/** Several things to be near at once. A record has the sum, the maximum or the minimum of its weighted distances from them. */
export interface CombinedQuery {
  readonly parts: readonly (
    | { readonly by: 'embedding'; readonly vector: Float32Array; readonly weight: number }
    /** Bits in which the fingerprint differs from that of a record; a record without one is infinitely far. */
    | { readonly by: 'fingerprint'; readonly id: string; readonly weight: number }
  )[]
  readonly combine: (typeof COMBINATIONS)[number]
}

/** A question for the number of records within a radius. */
export interface CountQuery extends Pick<EngineQuery, 'vector' | 'filter' | 'without'> {
  /** The largest published distance, inclusive. */
  readonly radius: number
}

export interface CountedRecords {
  readonly count: number
  /** The candidates that came to each level of the scan. */
  readonly levels: readonly SearchLevel[]
}

/** A question for the values of some fields, by the number of records that have them. */
export interface FacetQuery {
  readonly fields: readonly string[]
  readonly filter: Filter | null
  /** Only records within a radius, or among the `k` nearest, or both; null for all, those without a vector too. */
  readonly near:
    | (Pick<EngineQuery, 'vector' | 'radius' | 'without'> & { readonly k: number | null })
    | null
  /** The most values of each field. */
  readonly limit: number
}

export interface FacetValue {
  readonly value: IdentityValue
  /** The number of records. */
  readonly count: number
}

export interface FacetAnswer {
  /** The number of records in which values were counted. */
  readonly records: number
  /** False when a field has more values than are told apart: more frequent ones may be missing from its list. */
  readonly exact: boolean
  /** For each field its values, the most frequent first, then by value. */
  readonly fields: readonly {
    readonly values: readonly FacetValue[]
    /** False when it has more values. */
    readonly complete: boolean
  }[]
}

export const SELECTIONS = ['representative', 'unusual'] as const

/** A choice of some records of a collection that stand for it, or that stand out of it. */
export interface SelectQuery {
  readonly what: (typeof SELECTIONS)[number]
  readonly k: number
  readonly filter: Filter | null
}

export interface SelectAnswer {
  /** In the order of choice: see `farthestFirst` and `mostUnusual`. */
  readonly chosen: readonly {
    readonly id: string
    /** From the nearest representative chosen before, or from the nearest neighbour; Infinity where there is none. */
    readonly distance: number
    /** The number of records that a representative stands for. */
    readonly records?: number
  }[]
  /** The number of records that were chosen from. */
  readonly of: number
  /** The largest distance of a record from its representative; not of unusual ones. */
  readonly radius?: number
}

export const DEFAULT_K = 10
/** The most of the nearest that are found approximately: for more an exact answer is no slower. */
export const MAX_APPROXIMATE_K = 1000
/** So many hits are looked for at first for each match wanted of groups, as others may be of the same group. */
export const HITS_A_GROUPED_MATCH = 4

/** The members of an exact query for the `k` nearest of all records and no more than their ids. */
export const NEAREST_IDS: Omit<EngineQuery, 'vector' | 'k' | 'limit'> = {
  radius: null,
  filter: null,
  without: [],
  groupBy: null,
  groupSize: 1,
  exactIndex: 'scan',
  accuracy: 'exact',
  include: { metadata: false, vectors: false },
  cursor: null,
}

export interface EngineMatch {
  readonly id: string
  /** The published distance, in canonical arithmetic. */
  readonly distance: number
  readonly metadata?: Metadata
  readonly vector?: Float32Array
  /** The value of the field grouped by. */
  readonly group?: IdentityValue
}

/** The measured recall of approximate answers under filters that let about the same share of records through. */
export interface MeasuredRecall extends RecallEstimate {
  readonly filter: FilterBand
  /** The length of the candidate list of the graph, for k up to 10. */
  readonly ef: number
}

/** The way in which an answer was found. */
export interface SearchPlan {
  readonly plan: string
  /** The number of candidates that the graph kept in sight, where it answered. */
  readonly ef?: number
  /** What is known of the recall of such answers, where the graph answered; null where nothing was measured. */
  readonly recall?: MeasuredRecall | null
  readonly levels: readonly SearchLevel[]
  /** The number of distances computed in canonical arithmetic. */
  readonly distances: number
  /** Predicted milliseconds of the search among the vectors, without the filter's look at the metadata; left out where none were. */
  readonly predictedMs?: number
  /** The same as measured, with the time it waited for others. */
  readonly measuredMs: number
}

export interface EngineAnswer {
  /** By distance, then id; the farthest first where these are wanted, and diverse ones as they were chosen. */
  readonly matches: readonly EngineMatch[]
  /** False when a nearer record may be missing among the matches. */
  readonly exact: boolean
  /** False when `limit` cut the answer; `cursor`, if there is one, resumes there. */
  readonly complete: boolean
  readonly cursor: string | null
  readonly explain: SearchPlan
}

/** The ways in which an identity is compared with a set of vectors (see SET_DISTANCES). */
export const IDENTITY_DISTANCES = SET_DISTANCES
export type IdentityDistance = SetDistance

/** A search for identities by the distance of their sets of records from another set. */
export interface IdentityQuery {
  /** The set to search by: one or more vectors as stored, or an identity, which is left out of the answer. */
  readonly by:
    | { readonly kind: 'vectors'; readonly vectors: readonly Float32Array[] }
    | { readonly kind: 'identity'; readonly identity: IdentityValue }
  /** Left out: `hausdorff`. */
  readonly distance?: IdentityDistance
  readonly k: number
  /** The largest published distance, inclusive; Infinity for none. */
  readonly radius: number
  /** Cameras whose records are left out of the sets that are searched, and with them sets of nothing else. */
  readonly withoutCameras?: readonly IdentityValue[]
  /** Records that do not meet it are left out in the same way. One that is written meanwhile may be too. */
  readonly filter?: Filter | null
  /** Ids of records that are left out in the same way. */
  readonly without?: readonly string[]
}

export interface IdentityMatch {
  readonly identity: IdentityValue
  /** The published distance of the two sets. */
  readonly distance: number
  /** The number of its records, but for those that were left out. */
  readonly records: number
  /** Its record that is nearest to any vector of the query: of those that tie, the one stored first. */
  readonly nearest: { readonly id: string; readonly distance: number }
  /** For each vector of the query its record that is nearest to it: of those that tie, the one stored first. */
  readonly best: readonly { readonly id: string; readonly distance: number }[]
  /** The number of vectors of the query that are nearest to this identity, where they vote. */
  readonly votes?: number
}

export interface IdentityAnswer {
  /** By votes, where there are any, then distance, then value. */
  readonly matches: readonly IdentityMatch[]
  /** The number of identities that were searched. */
  readonly identities: number
  /** The number of them that were compared with the query: all but the identity that it is. */
  readonly compared: number
  /** Identities of more records than are compared, in order; they are not in the answer. */
  readonly tooLarge: readonly IdentityValue[]
}

/** The most records of an identity that are compared: a distance between sets takes the product of their sizes. */
export const MAX_IDENTITY_RECORDS = 256
