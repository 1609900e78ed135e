import { kMeans } from '../../vector/k-means.ts'
import type { Random } from '../../vector/random.ts'
import { type RowMatrix, selectRows } from '../../vector/row-matrix.ts'
import { cheapestAssignment } from './cheapest-assignment.ts'

/**
 * Names the new clusters after the old ones that they share most images with, so that learner k
 * keeps its images: the matching with the least L1 distance between membership vectors.
 *
 * @param before, after the cluster of each image, from 0 to count - 1.
 * @returns `after` with its clusters renamed.
 */
export function matchClusters(before: Int32Array, after: Int32Array, count: number): Int32Array {
  if (before.length !== after.length) {
    throw new RangeError(`expected ${before.length} images, got ${after.length}`)
  }
  const shared = Array.from({ length: count }, () => new Array<number>(count).fill(0))
  const sizesBefore = new Array<number>(count).fill(0)
  const sizesAfter = new Array<number>(count).fill(0)
  for (const [image, cluster] of after.entries()) {
    shared[cluster]![before[image]!]! += 1
    sizesAfter[cluster]! += 1
    sizesBefore[before[image]!]! += 1
  }
  const apart = shared.map((row, i) =>
    row.map((both, j) => sizesAfter[i]! + sizesBefore[j]! - 2 * both),
  )
  const names = cheapestAssignment(apart)
  return after.map((cluster) => names[cluster]!)
}

/**
 * Lists the images of `members`, by class, that learner `cluster` is trained on. Images that are
 * alone of their class in the cluster are left out: they have no positive there.
 */
export function clusterMembers(
  clusters: Int32Array,
  cluster: number,
  members: readonly (readonly number[])[],
): number[][] {
  return members
    .map((images) => images.filter((image) => clusters[image] === cluster))
    .map((images) => (images.length > 1 ? images : []))
}

/**
 * Makes the next level of the hierarchy: k-means cuts each of `count` clusters in two, and the
 * second part of cluster k becomes cluster k + count.
 *
 * @param vectors the current embedding of the images.
 */
export function splitClusters(
  vectors: RowMatrix,
  clusters: Int32Array,
  count: number,
  random: Random,
): Int32Array {
  const split = clusters.slice()
  for (let cluster = 0; cluster < count; cluster++) {
    const images = [...clusters.keys()].filter((image) => clusters[image] === cluster)
    if (images.length < 2) continue
    const rows = selectRows(vectors, images)
    // One draw more after each restart: a seed gives the splits that it has always given.
    const onRestart = (done: number) => {
      if (done > 0) random()
    }
    const { assignment } = kMeans(rows, { clusters: 2, random, restarts: 5, onRestart })
    for (const [i, image] of images.entries()) {
      if (assignment[i] === 1) split[image] = cluster + count
    }
  }
  return split
}

/**
 * Splits the masks: learner k + count starts as a copy of its parent k.
 * @param masks [learners, dimensions], as the session holds them.
 */
export function splitMasks(masks: Float32Array, dimensions: number, count: number): Float32Array {
  if (masks.length < 2 * count * dimensions) {
    throw new RangeError(`expected masks of ${2 * count} learners, got ${masks.length} numbers`)
  }
  const split = masks.slice()
  split.copyWithin(count * dimensions, 0, count * dimensions)
  return split
}
