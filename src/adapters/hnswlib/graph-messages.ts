import type { RowsView } from '../../kernels/vector-rows.ts'

/** `graph` is a number that the caller chose. */
export type GraphTask =
  | { readonly kind: 'create'; readonly graph: number; readonly dimensions: number }
  | {
      /** Row `numbers[i]` holds version `keys[i]`; none of them may be written meanwhile. */
      readonly kind: 'add'
      readonly graph: number
      readonly rows: RowsView
      readonly numbers: Uint32Array
      readonly keys: Float64Array
    }
  | { readonly kind: 'remove'; readonly graph: number; readonly keys: Float64Array }
  | {
      readonly kind: 'search'
      readonly graph: number
      readonly vector: Float32Array
      readonly wanted: number
      readonly ef: number
    }
  | { readonly kind: 'drop'; readonly graph: number }

export type ToGraph =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: GraphTask }

export interface GraphReply {
  readonly number: number
  /** Of a search: versions, the nearest first. */
  readonly found: Float64Array | null
}

export type FromGraph = GraphReply | { readonly number: number; readonly failure: string }
