import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateGallery, type GalleryImages } from '../../src/evaluation/evaluate-gallery.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { assertClose } from '../support/assert-close.ts'
import { failsWith } from '../support/errors.ts'
import { naiveMeasures, naiveRelevance } from '../support/naive-ranking.ts'
import { gaussianVectors } from '../support/random-vectors.ts'

/** Images on a line: [place, identity, camera]. */
function onALine(images: readonly (readonly [number, number, number])[]): GalleryImages {
  return {
    vectors: packRows(
      images.map(([place]) => Float32Array.of(place)),
      1,
    ),
    classes: Int32Array.from(images, ([, identity]) => identity),
    cameras: Int32Array.from(images, ([, , camera]) => camera),
  }
}

const GALLERY = onALine([
  [1, 1, 1],
  [2, 2, 1],
  [3, 1, 2],
  [4, 2, 2],
  [6, 1, 3],
  [100, 4, 1],
])

// [0, 1, 1]: the image at 1 is the same person by the same camera and left out. Then come 2 (no), 3
//   (yes), 4 (no), 6 (yes): matches at ranks 2 and 4, AP (1/2 + 2/4) / 2 = 1/2, INP 2/4.
// [5, 2, 1]: 4 and 6 tie; 4 has the lower row and is a match: rank 1. The match at 2 is left out.
// [0, 3, 1]: nobody of that identity. [0, 4, 1]: only by the same camera. Both are skipped.
const QUERIES = onALine([
  [0, 1, 1],
  [5, 2, 1],
  [0, 3, 1],
  [0, 4, 1],
])

test('the worked example of the camera rule', async () => {
  assert.deepEqual(await evaluateGallery(QUERIES, GALLERY), {
    queries: 2,
    skipped: 2,
    rank1: 1 / 2,
    rank5: 1,
    rank10: 1,
    map: (1 / 2 + 1) / 2,
    minp: (2 / 4 + 1) / 2,
  })
})

test('without cameras no image is left out', async () => {
  const { skipped, rank1, map } = await evaluateGallery(
    { ...onALine([[0, 1, 1]]), cameras: null },
    { ...GALLERY, cameras: null },
  )
  assert.deepEqual([skipped, rank1], [0, 1])
  assertClose(map, (1 / 1 + 2 / 3 + 3 / 5) / 3, 'mAP')
})

test('random subjects and cameras give what sorting gives', async () => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed)
    const few = gaussianVectors(random, 25, 3)
    const make = (count: number): GalleryImages => ({
      vectors: packRows(
        Array.from({ length: count }, () => few[Math.floor(random() * 25)]!),
        3,
      ),
      classes: Int32Array.from({ length: count }, () => Math.floor(random() * 12)),
      cameras: Int32Array.from({ length: count }, () => Math.floor(random() * 3)),
    })
    const [queries, gallery] = [make(30), make(70)]
    const lists = Array.from({ length: 30 }, (_, query) =>
      naiveRelevance(
        rowOf(queries.vectors, query),
        gallery.vectors,
        (row) => gallery.classes[row] === queries.classes[query],
        (row) =>
          gallery.classes[row] === queries.classes[query] &&
          gallery.cameras![row] === queries.cameras![query],
      ),
    ).filter((list) => list.includes(true))
    const mean = (value: (list: boolean[]) => number) =>
      lists.reduce((sum, list) => sum + value(list), 0) / lists.length
    const found = await evaluateGallery(queries, gallery)
    assert.equal(found.queries, lists.length)
    assert.equal(found.skipped, 30 - lists.length)
    const within = (k: number) => mean((list) => Number(list.slice(0, k).includes(true)))
    const inverse = (list: boolean[]) => list.filter(Boolean).length / (list.lastIndexOf(true) + 1)
    assertClose(found.rank1, within(1), `seed ${seed} rank 1`)
    assertClose(found.rank5, within(5), `seed ${seed} rank 5`)
    assertClose(found.rank10, within(10), `seed ${seed} rank 10`)
    assertClose(
      found.map,
      mean((list) => naiveMeasures(list).map),
      `seed ${seed} mAP`,
    )
    assertClose(found.minp, mean(inverse), `seed ${seed} mINP`)
  }
})

test('no query with a true match is nothing to evaluate', async () => {
  const evaluation = evaluateGallery(onALine([[0, 9, 1]]), GALLERY)
  await assert.rejects(evaluation, failsWith('NOTHING_TO_EVALUATE', 'none among 1'))
})
