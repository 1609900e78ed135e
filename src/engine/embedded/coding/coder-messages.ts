import type { CodeTarget } from '../../../index/scan/cascade/coded-rows.ts'
import type { Learnt, Transform } from '../../../index/scan/cascade/transform.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'

export interface CoderData {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module
}

export type CoderTask =
  | {
      readonly kind: 'learn'
      readonly rows: RowsView
      readonly sample: Uint32Array
      readonly now: Transform | null
    }
  | {
      readonly kind: 'write'
      readonly rows: RowsView
      readonly target: CodeTarget | null
      readonly wanted: Uint32Array
    }

export type ToCoder =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: CoderTask }

export interface CoderReply {
  readonly number: number
  /** Of a `learn`. */
  readonly learnt: Learnt | null
  /** Of a `write`: the rows that could be coded. */
  readonly coded: Uint32Array | null
}

export type FromCoder = CoderReply | { readonly number: number; readonly failure: string }
