import type { FacetQuery, FacetValue } from '../engine/query.ts'
import { queryVector, type SearchParts } from './query-vector.ts'
import type { SearchQuery } from './requests.ts'

/** The fields whose values are counted, and in which records. */
export interface FacetsRequest<Image = Uint8Array>
  extends Pick<FacetQuery, 'fields' | 'filter' | 'limit'> {
  /** Only records within a radius, or among the k nearest, or both; null for all. */
  readonly near: {
    readonly query: SearchQuery<Image>
    readonly radius: number | null
    readonly k: number | null
  } | null
}

export interface FacetsAnswer {
  /** The values of each field, the most frequent first, then by value. */
  readonly facets: Readonly<Record<string, readonly FacetValue[]>>
  /** The number of records in which they were counted. */
  readonly records: number
  /** False when a field has more values than are told apart: more frequent ones may be missing from its list. */
  readonly exact: boolean
  /** False when a list was cut. */
  readonly complete: boolean
  /** The fields that have more values. */
  readonly cut: readonly string[]
}

export const MAX_FACET_FIELDS = 16
export const MAX_FACET_VALUES = 1000
export const DEFAULT_FACET_VALUES = 100

/** Counts records by the values of some fields. A list counts for each of its values once, as filters read it. */
export async function facets(
  { fields, filter, limit, near }: FacetsRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<FacetsAnswer> {
  const searched = near && { ...near, ...(await queryVector(near.query, parts, signal)) }
  const answer = await parts.generation.facets({ fields, filter, limit, near: searched }, signal)
  const cut = fields.filter((_, i) => !answer.fields[i]!.complete)
  return {
    facets: Object.fromEntries(fields.map((field, i) => [field, answer.fields[i]!.values])),
    records: answer.records,
    exact: answer.exact,
    complete: cut.length === 0,
    cut,
  }
}
