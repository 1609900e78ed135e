/** The facts known of a search before it runs. */
export interface SearchFacts {
  /** Rows a scan passes over, in use or not. */
  readonly rows: number
  /** Records that may be returned. */
  readonly allowed: number
  /** Records in use. */
  readonly records: number
  readonly dimensions: number
  readonly rowsPerBlock: number
  /** Infinity for all within the radius. */
  readonly k: number
  /** Whether a radius bounds the answer. */
  readonly bounded: boolean
  /** Levels of codes that the rows have. */
  readonly codes: 'none' | 'full' | 'prefix'
  /** Threads that share a search of `splitAbove` components to read (`componentsRead`) or more. */
  readonly threads: number
  readonly splitAbove: number
}

/** Bands of the share of records that a filter lets through; costs and recall are learnt for each. */
export const FILTER_BANDS = ['all', '>10%', '<=10%', '<=1%', '<=0.1%'] as const

export type FilterBand = (typeof FILTER_BANDS)[number]

export function filterBand(facts: Pick<SearchFacts, 'allowed' | 'records'>): FilterBand {
  const { allowed, records } = facts
  if (allowed >= records) return 'all'
  const share = allowed / records
  if (share > 0.1) return '>10%'
  if (share > 0.01) return '<=10%'
  return share > 0.001 ? '<=1%' : '<=0.1%'
}
