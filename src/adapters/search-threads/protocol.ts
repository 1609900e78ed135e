import type { BlockRange } from '../../index/flat-scan.ts'
import type { VectorAnswer, VectorQuery } from '../../index/vector-index.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'

export interface ThreadData {
  readonly module: WebAssembly.Module
  readonly thread: number
}

export type ToThread =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | {
      readonly kind: 'search'
      readonly task: number
      readonly rows: RowsView
      readonly space: SpaceKind
      readonly query: VectorQuery
      readonly range: BlockRange
    }

export type FromThread =
  | { readonly task: number; readonly answer: VectorAnswer }
  | { readonly task: number; readonly failure: string }
