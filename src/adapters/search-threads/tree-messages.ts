import type { TreeKind } from '../../index/row-trees.ts'
import type { VectorAnswer, VectorQuery } from '../../index/vector-index.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'

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
    }
  | {
      readonly kind: 'update'
      readonly tree: number
      readonly rows: RowsView
      readonly live: Uint32Array
      readonly freed: Uint32Array
    }
  | {
      readonly kind: 'search'
      readonly tree: number
      readonly rows: RowsView
      readonly query: VectorQuery
    }
  | { readonly kind: 'drop'; readonly tree: number }

export type ToTree =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: TreeTask }

export interface TreeReply {
  readonly number: number
  /** Of a search. */
  readonly answer: VectorAnswer | null
  /** Rows in the tree now. */
  readonly size: number
}

export type FromTree = TreeReply | { readonly number: number; readonly failure: string }
