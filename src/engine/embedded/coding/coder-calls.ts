import type { CodeTarget } from '../../../index/scan/cascade/coded-rows.ts'
import type { Learnt } from '../../../index/scan/cascade/learn-transform.ts'
import type { Transform } from '../../../index/scan/cascade/transform.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'

/** `workerData` of the coder's thread. */
export interface CoderData {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module
}

/** See `RowCoder`. */
export type CoderCalls = {
  learn: {
    args: {
      readonly rows: RowsView
      readonly sample: Uint32Array
      readonly now: Transform | null
    }
    result: Learnt
  }
  write: {
    args: {
      readonly rows: RowsView
      readonly target: CodeTarget | null
      readonly wanted: Uint32Array
    }
    result: Uint32Array
  }
}
