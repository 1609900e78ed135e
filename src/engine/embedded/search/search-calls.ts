import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { CodedRows } from '../../../index/scan/cascade/coded-rows.ts'
import type { SearchPart } from '../../../index/scan/row-search.ts'
import type { RowsRange } from '../../../index/scan/rows-range.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { MemoryThread } from './memory-thread.ts'

/** `workerData` of a search thread. */
export interface SearchThreadData {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module
  readonly thread: number
}

export type SearchCalls = {
  /** One answer a query, from the rows and codes that were provided last. */
  search: {
    args: {
      readonly space: SpaceKind
      readonly queries: readonly RowQuery[]
      readonly range: RowsRange
      readonly part: SearchPart
    }
    result: readonly RowAnswer[]
  }
}

export type SearchNotices = { rows: RowsView; codes: CodedRows | null }

export type SearchThread = MemoryThread<SearchCalls, SearchNotices>
