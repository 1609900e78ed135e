import type { CalibrationResult } from '../../evaluation/calibrate.ts'
import type { RecordCluster } from '../../evaluation/cluster-records.ts'
import type { IdentityEvaluations } from '../../evaluation/evaluate-identities.ts'
import type { SpaceKind } from '../../vector/space.ts'

/** Images of identities, row after row. */
export interface MeasuredImages {
  readonly values: Float32Array
  readonly dimensions: number
  readonly space: SpaceKind
  /** The number of the identity of each row, from 0 without gaps. */
  readonly classes: Int32Array
}

export interface EvaluatedImages {
  readonly values: Float32Array
  /** The number of the identity of each row. */
  readonly classes: Int32Array
  /** The number of the camera of each row; null where cameras do not matter. */
  readonly cameras: Int32Array | null
}

/** Records without an identity that chains of neighbours connect, row after row. */
export interface ClusteredImages extends Omit<MeasuredImages, 'classes'> {
  /** The largest mean distance of two clusters that are joined, inclusive. */
  readonly radius: number
}

/** Images that are asked with, and those that are searched. */
export interface EvaluatedSets {
  readonly dimensions: number
  readonly space: SpaceKind
  readonly queries: EvaluatedImages
  readonly gallery: EvaluatedImages
  /** The row of each query in the gallery; -1 for one that is not there. */
  readonly ownRows: Int32Array
}

/** Port: measures that take long, beside everything else. Calls throw SHUTTING_DOWN, THREAD_FAILED, and what `signal` aborts with. */
export interface IdentityMeasures {
  /** @throws NOTHING_TO_EVALUATE. */
  calibrate(
    images: MeasuredImages,
    options: { readonly views: number; readonly seed: number },
    signal: AbortSignal,
  ): Promise<CalibrationResult>
  /** Clusters some 1,000 records: it takes the square of their number in memory. */
  cluster(images: ClusteredImages, signal?: AbortSignal): Promise<readonly RecordCluster[]>
  /** @throws NOTHING_TO_EVALUATE. */
  evaluate(sets: EvaluatedSets, signal: AbortSignal): Promise<IdentityEvaluations>
  close(): Promise<void>
}
