import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { CodedRows } from '../../../index/scan/cascade/coded-rows.ts'
import type { SearchPart } from '../../../index/scan/row-search.ts'
import type { RowsRange } from '../../../index/scan/row-share.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../../vector/space.ts'

export interface ThreadData {
  readonly module: WebAssembly.Module
  readonly thread: number
}

/** Of the rows and codes that the thread was told of last. */
export interface SearchTask {
  readonly space: SpaceKind
  readonly queries: readonly RowQuery[]
  readonly range: RowsRange
  readonly part: SearchPart
}

export interface RowsMessage {
  readonly kind: 'rows'
  readonly rows: RowsView
}

export interface CodesMessage {
  readonly kind: 'codes'
  readonly codes: CodedRows | null
}

export type ToThread =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | RowsMessage
  | CodesMessage
  | { readonly kind: 'task'; readonly number: number; readonly task: SearchTask }

export type FromThread =
  | { readonly number: number; readonly answers: readonly RowAnswer[] }
  | { readonly number: number; readonly failure: string }
