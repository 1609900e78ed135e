import type { TreeKind } from '../../../index/metric/row-trees.ts'
import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'

/** The file of a tree: written at the end of a call. */
export interface TreeFilePlace {
  readonly place: CachePlace
  /** The version of each row. */
  readonly keys: Float64Array
}

export interface TreeState {
  /** Rows in the tree now. */
  readonly size: number
  /** Rows that changed since it was last written to its file, or that was last tried. */
  readonly unsaved: number
  readonly fileEvents: readonly TreeFileEvent[]
}

export interface TreeFileEvent {
  readonly file: 'used' | 'not used' | 'not written'
  readonly reason: string
}

/** `tree` is a number that the caller chose. */
export type TreeCalls = {
  /** Builds a tree over every row in use, in the place of an older one. */
  build: {
    args: {
      readonly tree: number
      readonly structure: TreeKind
      readonly space: SpaceKind
      readonly rows: RowsView
      readonly live: Uint32Array | null
      readonly file: TreeFilePlace | null
      /** Whether the file may be read in the place of building. */
      readonly fromFile: boolean
    }
    result: TreeState
  }
  update: {
    args: {
      readonly tree: number
      readonly rows: RowsView
      readonly live: Uint32Array
      readonly freed: Uint32Array
      readonly file: TreeFilePlace | null
    }
    result: TreeState
  }
  search: {
    args: { readonly tree: number; readonly rows: RowsView; readonly query: RowQuery }
    result: RowAnswer
  }
  drop: { args: { readonly tree: number }; result: undefined }
}
