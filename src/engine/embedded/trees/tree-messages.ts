import type { TreeKind } from '../../../index/metric/row-tree.ts'
import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'

/** Where the tree is kept in a file once the task is done. */
export interface TreeKeeping {
  readonly place: CachePlace
  /** The version of each row. */
  readonly keys: Float64Array
}

/** `tree` is a number that the caller chose. */
export type TreeTask =
  | {
      /** Over every row in use, in the place of an older one. */
      readonly kind: 'build'
      readonly tree: number
      readonly structure: TreeKind
      readonly space: SpaceKind
      readonly rows: RowsView
      readonly live: Uint32Array | null
      readonly keeping: TreeKeeping | null
      /** Whether the file may be read in the place of building. */
      readonly fromFile: boolean
    }
  | {
      readonly kind: 'update'
      readonly tree: number
      readonly rows: RowsView
      readonly live: Uint32Array
      readonly freed: Uint32Array
      readonly keeping: TreeKeeping | null
    }
  | {
      readonly kind: 'search'
      readonly tree: number
      readonly rows: RowsView
      readonly query: RowQuery
    }
  | { readonly kind: 'drop'; readonly tree: number }

export type ToTree =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: TreeTask }

export interface TreeReply {
  readonly number: number
  /** Of a search. */
  readonly answer: RowAnswer | null
  /** Rows in the tree now. */
  readonly size: number
  /** Rows that changed since it was last written to its file, or that was last tried. */
  readonly unsaved: number
  readonly news: readonly TreeFileNews[]
}

export interface TreeFileNews {
  readonly file: 'used' | 'not used' | 'not written'
  readonly reason: string
}

export type FromTree = TreeReply | { readonly number: number; readonly failure: string }
