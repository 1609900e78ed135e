import type { Filter } from './filter.ts'

/** A join: pairs of records of one collection, or of two. */
export interface JoinQuery {
  /** The largest published distance, inclusive; null for none. There is a radius, a `k`, or both. */
  readonly radius: number | null
  /** The number of closest pairs wanted; null for all within the radius. */
  readonly k: number | null
  /** Only records that meet it are joined: on both sides where the collection is joined with itself. */
  readonly filter: Filter | null
  /** The same for the records of another collection. */
  readonly otherFilter: Filter | null
}

export interface JoinedPair {
  readonly a: string
  readonly b: string
  /** The published distance, in canonical arithmetic. */
  readonly distance: number
}

/** A search for the records that have a query among their k nearest. */
export interface ReverseQuery {
  /** A vector of the generation that is searched, as stored. */
  readonly vector: Float32Array
  /** The record that the query is, where it is one: among records at one distance the earlier id comes first. */
  readonly id: string | null
  readonly k: number
  /** Only records that meet it are found, and count as neighbours. */
  readonly filter: Filter | null
  /** Ids of records that are not found and do not count. */
  readonly without: readonly string[]
  /** The most matches in the answer. */
  readonly limit: number
}

export interface ReverseMatch {
  readonly id: string
  readonly distance: number
  /** The place of the query among the neighbours of this record, from 1. */
  readonly rank: number
}

export interface ReverseAnswer {
  /** By distance, then id. */
  readonly matches: readonly ReverseMatch[]
  /** False when `limit` cut the answer. */
  readonly complete: boolean
}

export interface HubsQuery {
  readonly k: number
  /** Only records that meet it are asked, and found. */
  readonly filter: Filter | null
  /** The most hubs in the answer. */
  readonly limit: number
  /** The number of records whose k nearest are looked for, drawn with a seed; null for all. */
  readonly records: number | null
}

export interface Hub {
  readonly id: string
  /** How many of the records that were asked have it among their k nearest. */
  readonly count: number
}

export interface HubsAnswer {
  /** By count, the largest first, then id. */
  readonly hubs: readonly Hub[]
  /** The number of records that were asked. */
  readonly records: number
  /** The number of records that none of those has among its k nearest. */
  readonly never: number
  /** The third standardised moment of the counts of all records: 0 where they are even, larger where there are hubs. */
  readonly skewness: number
  /** Whether all records were asked. */
  readonly complete: boolean
}
