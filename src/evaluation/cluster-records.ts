import { distanceMatrix } from '../vector/distance-matrix.ts'
import { linkedClusters } from '../vector/linkage.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import type { SpaceKind } from '../vector/space.ts'
import { CLUSTER_LINKAGE } from './cluster-radius.ts'

/** Records that are probably of one identity. */
export interface RecordCluster {
  /** In order. */
  readonly rows: readonly number[]
  /** The largest distance of two of them; 0 of one alone. */
  readonly spread: number
}

interface ClusterOptions {
  readonly space: SpaceKind
  /** The largest mean distance of two clusters that are joined, inclusive. */
  readonly radius: number
  readonly check: () => void
}

/** Clusters records by the mean distances of clusters. */
export function clusterRecords(
  vectors: RowMatrix,
  { space, radius, check }: ClusterOptions,
): readonly RecordCluster[] {
  const { count } = vectors
  const distances = distanceMatrix(vectors, space, check)
  const options = { linkage: CLUSTER_LINKAGE, radius, onJoin: check } as const
  return linkedClusters(distances.slice(), count, options).map((rows) => {
    let spread = 0
    for (const a of rows) for (const b of rows) spread = Math.max(spread, distances[a * count + b]!)
    return { rows, spread }
  })
}
