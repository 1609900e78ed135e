import type { CodedRows } from '../../index/cascade/coded-rows.ts'
import type { Transform } from '../../index/cascade/transform.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'

export type CoderTask =
  | { readonly kind: 'learn'; readonly rows: RowsView; readonly sample: Uint32Array }
  | {
      readonly kind: 'write'
      readonly rows: RowsView
      readonly target: CodedRows
      readonly first: number
      readonly end: number
    }

export type ToCoder =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: CoderTask }

export type FromCoder =
  | { readonly number: number; readonly transform: Transform | null }
  | { readonly number: number; readonly failure: string }
