import type { CalibrationResult } from '../../evaluation/calibrate.ts'
import type { SpaceKind } from '../../vector/space.ts'

/** Images of identities, row after row. */
export interface MeasuredImages {
  readonly values: Float32Array
  readonly dimensions: number
  readonly space: SpaceKind
  /** The number of the identity of each row, from 0 without gaps. */
  readonly classes: Int32Array
}

/** Port: measures that take long, beside everything else. Calls throw SHUTTING_DOWN, THREAD_FAILED, and what `signal` aborts with. */
export interface IdentityMeasures {
  /** @throws NOTHING_TO_EVALUATE. */
  calibrate(
    images: MeasuredImages,
    options: { readonly views: number; readonly seed: number },
    signal: AbortSignal,
  ): Promise<CalibrationResult>
  close(): Promise<void>
}
