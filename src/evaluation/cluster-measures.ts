/** How well clusters agree with labels. Each is from 0 to 1, and F is the harmonic mean of precision and recall. */
export interface ClusterMeasures {
  /** Over pairs: precision is the share of pairs within a cluster that are of one label, recall the share of the pairs of one label that a cluster joins. */
  readonly pairwise: Agreement
  /** Over things: the means of the share of its cluster that has its label, and of the share of its label that is in its cluster. */
  readonly bcubed: Agreement
}

interface Agreement {
  readonly precision: number
  readonly recall: number
  readonly f: number
}

/**
 * Compares clusters with labels: pairwise F, and BCubed (Bagga and Baldwin, LREC 1998). BCubed weighs every thing alike, where pairs weigh
 * large clusters by their square. Without any pair in clusters pairwise precision is 1, and without any of one label
 * pairwise recall is.
 *
 * @param clusters the number of the cluster of each thing; `labels` that of its label.
 */
export function clusterMeasures(clusters: Int32Array, labels: Int32Array): ClusterMeasures {
  if (clusters.length !== labels.length || clusters.length === 0) {
    throw new RangeError(
      `expected a cluster and a label of the same things, got ${clusters.length}, ${labels.length}`,
    )
  }
  const ofCluster = sizesOf(clusters)
  const ofLabel = sizesOf(labels)
  const shared = new Map<string, number>()
  const both = (i: number) => `${clusters[i]} ${labels[i]}`
  for (let i = 0; i < clusters.length; i++) shared.set(both(i), (shared.get(both(i)) ?? 0) + 1)
  let [precision, recall] = [0, 0]
  for (let i = 0; i < clusters.length; i++) {
    const together = shared.get(both(i))!
    precision += together / ofCluster.get(clusters[i]!)!
    recall += together / ofLabel.get(labels[i]!)!
  }
  const right = pairsIn(shared)
  return {
    pairwise: agreement(shareOf(right, pairsIn(ofCluster)), shareOf(right, pairsIn(ofLabel))),
    bcubed: agreement(precision / clusters.length, recall / clusters.length),
  }
}

function agreement(precision: number, recall: number): Agreement {
  const sum = precision + recall
  return { precision, recall, f: sum === 0 ? 0 : (2 * precision * recall) / sum }
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}

function sizesOf(groups: Int32Array): Map<number, number> {
  const sizes = new Map<number, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return sizes
}

function pairsIn(sizes: ReadonlyMap<unknown, number>): number {
  let pairs = 0
  for (const size of sizes.values()) pairs += (size * (size - 1)) / 2
  return pairs
}
