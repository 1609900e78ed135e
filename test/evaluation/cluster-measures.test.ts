import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterMeasures } from '../../src/evaluation/cluster-measures.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'

const measures = (clusters: readonly number[], labels: readonly number[]) =>
  clusterMeasures(Int32Array.from(clusters), Int32Array.from(labels))

test('a worked example: labels AAAABB in the clusters AAAB and AB', () => {
  // Pairs within clusters: 6 + 1, of one label 3; pairs of one label: 6 + 1.
  const { pairwise, bcubed } = measures([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 1])
  assertClose(pairwise.precision, 3 / 7, 'pairwise precision')
  assertClose(pairwise.recall, 3 / 7, 'pairwise recall')
  assertClose(pairwise.f, 3 / 7, 'pairwise F')
  // Precision: three of 3/4, one of 1/4, two of 1/2; recall: three of 3/4, one of 1/4, two of 1/2.
  assertClose(bcubed.precision, (3 * 0.75 + 0.25 + 2 * 0.5) / 6, 'BCubed precision')
  assertClose(bcubed.recall, (3 * 0.75 + 0.5 + 0.25 + 0.5) / 6, 'BCubed recall')
})

test('the example of Bagga and Baldwin: joining the two large of 5, 2 and 5 costs more than joining a small and a large one', () => {
  const labels = [0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
  const small = measures([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1], labels).bcubed
  const large = measures([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], labels).bcubed
  // 1/12 (5 x 5/5 + 2 x 2/7 + 5 x 5/7), and 1/12 (10 x 5/10 + 2 x 2/2): 76 % and 58 % in the paper.
  assertClose(small.precision, (5 + 4 / 7 + 25 / 7) / 12, 'precision')
  assertClose(large.precision, 7 / 12, 'precision')
  assert.deepEqual([small.recall, large.recall], [1, 1])
})

test('each by itself is precise, and all in one is complete', () => {
  const apart = measures([0, 1, 2], [0, 0, 1])
  assert.deepEqual([apart.pairwise.precision, apart.pairwise.recall, apart.pairwise.f], [1, 0, 0])
  assertClose(apart.bcubed.recall, (0.5 + 0.5 + 1) / 3, 'recall')
  const together = measures([0, 0, 0], [0, 0, 1])
  assertClose(together.pairwise.precision, 1 / 3, 'precision')
  assert.equal(together.pairwise.recall, 1)
})

test('equals a count over all pairs on random clusters', () => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed)
    const clusters = Array.from({ length: 60 }, () => Math.floor(random() * 9))
    const labels = clusters.map((own) => (random() < 0.7 ? own : Math.floor(random() * 9)))
    let [right, joined, same] = [0, 0, 0]
    let [precision, recall] = [0, 0]
    for (let i = 0; i < 60; i++) {
      let [both, inCluster, ofLabel] = [0, 0, 0]
      for (let j = 0; j < 60; j++) {
        const isJoined = clusters[i] === clusters[j]
        const isSame = labels[i] === labels[j]
        if (isJoined) inCluster++
        if (isSame) ofLabel++
        if (isJoined && isSame) both++
        if (j <= i) continue
        if (isJoined) joined++
        if (isSame) same++
        if (isJoined && isSame) right++
      }
      precision += both / inCluster / 60
      recall += both / ofLabel / 60
    }
    const found = measures(clusters, labels)
    assertClose(found.pairwise.precision, right / joined, `seed ${seed}`)
    assertClose(found.pairwise.recall, right / same, `seed ${seed}`)
    assertClose(found.bcubed.precision, precision, `seed ${seed}`)
    assertClose(found.bcubed.recall, recall, `seed ${seed}`)
    assertClose(found.bcubed.f, (2 * precision * recall) / (precision + recall), `seed ${seed}`)
  }
})
