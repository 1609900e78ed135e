import type { RowAnswer, RowQuery } from '../row-index.ts'

export const TREE_KINDS = ['vp-tree', 'm-tree'] as const

export type TreeKind = (typeof TREE_KINDS)[number]

/** The rows as they are in the turn of a call. */
export interface RowsNow {
  /** Bits of the rows in use; null when every row is. */
  readonly live: Uint32Array | null
  /** Copies the version that each row holds, or held last (see StoredRecord.key). */
  readonly keys: () => Float64Array
  /** Keeps rows that are freed from being used again, until what it returns is called. */
  readonly pin: () => () => void
}

/** Port: metric trees over the rows of one collection, each loaded from its file or built when it is first asked for. */
export interface RowTrees {
  readonly memoryBytes: number
  /** A row was written or freed. */
  touched(row: number): void
  /**
   * What a scan would answer. The caller holds the rows until then. Null while the tree is not ready: loading or
   * building it has then begun, or goes on.
   */
  search(kind: TreeKind, query: RowQuery, rows: RowsNow): Promise<RowAnswer> | null
  /** The collection is gone. */
  release(): void
}
