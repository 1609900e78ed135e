import type { CodedRows } from '../../index/cascade/coded-rows.ts'
import type { Transform } from '../../index/cascade/transform.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'

export type CoderTask =
  | { readonly kind: 'learn'; readonly rows: RowsView; readonly sample: Uint32Array }
  | {
      readonly kind: 'write'
      readonly rows: RowsView
      readonly target: CodedRows
      readonly wanted: Uint32Array
    }

export type ToCoder =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: CoderTask }

export interface CoderReply {
  readonly number: number
  /** Of a `learn`. */
  readonly transform: Transform | null
  /** Of a `write`: the rows that could be coded. */
  readonly coded: Uint32Array | null
}

export type FromCoder = CoderReply | { readonly number: number; readonly failure: string }
