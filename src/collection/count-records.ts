import type { EngineQuery } from '../engine/query.ts'
import type { SearchLevel } from '../index/row-index.ts'
import { queryVector, type SearchParts } from './query-vector.ts'
import type { SearchQuery } from './requests.ts'

/** The records to count: those that meet a filter, within a radius of a query where there is one. */
export interface CountRequest<Image = Uint8Array> extends Pick<EngineQuery, 'filter'> {
  /** Null for no query: then there is no radius either. */
  readonly within: { readonly query: SearchQuery<Image>; readonly radius: number } | null
  readonly explain: boolean
}

export interface CountAnswer {
  readonly count: number
  readonly exact: true
  /** The candidates that came to each level of the scan. */
  readonly explain?: { readonly levels: readonly SearchLevel[] }
}

/** Counts records without listing them. Records searched by are left out, as of a search. */
export async function countRecords(
  { within, filter, explain }: CountRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<CountAnswer> {
  if (within === null) {
    const count = await parts.records.count(filter, signal)
    return { count, exact: true, ...(explain && { explain: { levels: [] } }) }
  }
  const { query, radius } = within
  const { vector, without } = await queryVector(query, parts, signal)
  const wanted = { vector, radius, filter, without }
  const { count, levels } = await parts.generation.countWithin(wanted, signal)
  return { count, exact: true, ...(explain && { explain: { levels } }) }
}
