import { distanceMatrix } from '../vector/distance-matrix.ts'
import { linkedClusters } from '../vector/linkage.ts'
import { matrixOf, type RowMatrix } from '../vector/row-matrix.ts'
import type { SpaceKind } from '../vector/space.ts'
import { type ClusterMeasures, clusterMeasures } from './cluster-measures.ts'

/** The linkage of clusters of unknown records: of those tried it agrees best with labels (docs/identities.md). */
export const CLUSTER_LINKAGE = 'average'

/** How near records are joined so that clusters agree best with the labels of those that have them. */
export interface ClusterRadius extends ClusterMeasures {
  /** The largest mean distance of two clusters that are joined, inclusive. */
  readonly radius: number
  readonly records: number
}

interface Labelled {
  readonly vectors: RowMatrix
  /** The number of the label of each row. */
  readonly classes: Int32Array
}

/** Labelled records that are clustered: of more the first ones. */
const MOST_RECORDS = 1000

/**
 * Clusters labelled records with every radius at once, and finds the smallest with the largest pairwise F: what is joined wrongly
 * costs whoever names a cluster more than what is left apart.
 * @returns null where no two records are of one label, or none are joined rightly.
 */
export function clusterRadius(
  { vectors, classes }: Labelled,
  space: SpaceKind,
  check: () => void,
): ClusterRadius | null {
  const count = Math.min(vectors.count, MOST_RECORDS)
  const some = matrixOf(vectors.values.subarray(0, count * vectors.dimensions), vectors.dimensions)
  const labels = classes.subarray(0, count)
  const distances = distanceMatrix(some, space, check)
  let [right, joined] = [0, 0]
  const same = pairsOfOneLabel(labels)
  let best = { f: 0, radius: 0 }
  linkedClusters(distances.slice(), count, {
    linkage: CLUSTER_LINKAGE,
    radius: Number.MAX_VALUE,
    onJoin(kept, gone, distance) {
      check()
      joined += kept.length * gone.length
      right += sharedPairs(kept, gone, labels)
      const f = (2 * right) / (joined + same)
      if (f > best.f) best = { f, radius: distance }
    },
  })
  if (best.f === 0) return null
  const { radius } = best
  const clusters = new Int32Array(count)
  const found = linkedClusters(distances, count, { linkage: CLUSTER_LINKAGE, radius })
  for (const [number, own] of found.entries()) for (const row of own) clusters[row] = number
  return { radius, records: count, ...clusterMeasures(clusters, labels) }
}

function pairsOfOneLabel(labels: Int32Array): number {
  const counts = new Map<number, number>()
  let pairs = 0
  for (const label of labels) {
    const before = counts.get(label) ?? 0
    pairs += before
    counts.set(label, before + 1)
  }
  return pairs
}

/** Counts the pairs of one label, one of each list. */
function sharedPairs(a: readonly number[], b: readonly number[], labels: Int32Array): number {
  const counts = new Map<number, number>()
  for (const row of a) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1)
  let pairs = 0
  for (const row of b) pairs += counts.get(labels[row]!) ?? 0
  return pairs
}
