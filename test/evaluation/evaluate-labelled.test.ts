import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateLabelled } from '../../src/evaluation/evaluate-labelled.ts'
import { MEASURES } from '../../src/evaluation/rank-measures.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { assertClose } from '../support/assert-close.ts'
import { failsWith } from '../support/errors.ts'
import { naiveMeasures, naiveRelevance } from '../support/naive-ranking.ts'
import { gaussianVectors } from '../support/random-vectors.ts'

// On a line: a at 0, 1 and 5; b at 2 and 7; c alone at 3.5. Ties go to the lower row.
//
//   query   nearest first     ranks of matches   R-precision   MAP@R   AP
//   a at 0  a b c a b         1, 4               1/2           1/2     (1 + 2/4) / 2     = .75
//   a at 1  a b c a b         1, 4 (tie at 1)    1/2           1/2     .75
//   a at 5  c b b a a         4, 5               0             0       (1/4 + 2/5) / 2   = .325
//   b at 2  a c a a b         5                  0             0       1/5
//   b at 7  a c b a a         3                  0             0       1/3
const LINE = packRows(
  [0, 1, 5, 2, 7, 3.5].map((x) => Float32Array.of(x)),
  1,
)
const LABELS = ['a', 'a', 'a', 'b', 'b', 'c']

test('the worked example: means over images', async () => {
  const { perImage, images, classes, queries, alone } = await evaluateLabelled(LINE, LABELS, {
    seed: 1,
  })
  assert.deepEqual(
    { images, classes, queries, alone },
    { images: 6, classes: 3, queries: 5, alone: 1 },
  )
  const { recallAt1, recallAt2, recallAt4, recallAt8, rPrecision, mapAtR, map } = perImage.means
  assertClose(recallAt1, 2 / 5, 'Recall@1')
  assertClose(recallAt2, 2 / 5, 'Recall@2')
  assertClose(recallAt4, 4 / 5, 'Recall@4')
  assertClose(recallAt8, 1, 'Recall@8')
  assertClose(rPrecision, (1 / 2 + 1 / 2) / 5, 'R-precision')
  assertClose(mapAtR, (1 / 2 + 1 / 2) / 5, 'MAP@R')
  assertClose(map, (0.75 + 0.75 + 0.325 + 1 / 5 + 1 / 3) / 5, 'mAP')
})

test('the worked example: means over classes count a and b the same', async () => {
  const { perClass } = await evaluateLabelled(LINE, LABELS, { seed: 1 })
  assertClose(perClass.means.recallAt1, (2 / 3 + 0) / 2, 'Recall@1')
  assertClose(perClass.means.map, ((0.75 + 0.75 + 0.325) / 3 + (1 / 5 + 1 / 3) / 2) / 2, 'mAP')
})

test('means over images and over classes equal those of naive lists', async () => {
  for (const seed of [3, 4, 5]) {
    const random = seededRandom(seed)
    const few = gaussianVectors(random, 20, 4)
    const vectors = packRows(
      Array.from({ length: 60 }, () => few[Math.floor(random() * 20)]!),
      4,
    )
    const labels = Array.from({ length: 60 }, () => String(Math.floor(random() ** 2 * 25)))
    const lists = new Map<string, ReturnType<typeof naiveMeasures>[]>()
    for (const [query, label] of labels.entries()) {
      const relevance = naiveRelevance(
        rowOf(vectors, query),
        vectors,
        (row) => labels[row] === label,
        (row) => row === query,
      )
      if (!relevance.includes(true)) continue
      lists.set(label, [...(lists.get(label) ?? []), naiveMeasures(relevance)])
    }
    const evaluation = await evaluateLabelled(vectors, labels, { seed })
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
    for (const measure of MEASURES) {
      const perClass = [...lists.values()].map((list) => list.map((found) => found[measure]))
      assertClose(
        evaluation.perImage.means[measure],
        mean(perClass.flat()),
        `seed ${seed} ${measure}`,
      )
      assertClose(
        evaluation.perClass.means[measure],
        mean(perClass.map(mean)),
        `seed ${seed} ${measure}`,
      )
    }
  }
})

test('classes far apart are perfect in every measure, and every interval is a point', async () => {
  const random = seededRandom(6)
  const noise = gaussianVectors(random, 30, 5)
  const labels = noise.map((_, i) => 'xyz'[i % 3]!)
  const vectors = packRows(
    noise.map((vector, i) => vector.map((value, j) => value + (j === i % 3 ? 100 : 0))),
    5,
  )
  const { perImage, perClass, nmi } = await evaluateLabelled(vectors, labels, { seed: 6 })
  for (const measure of MEASURES) {
    assert.deepEqual(perImage.intervals[measure], [1, 1])
    assertClose(perClass.means[measure], 1, measure)
  }
  assertClose(nmi, 1, 'NMI')
})

test('the same seed gives the same evaluation, to the bit', async () => {
  const vectors = packRows(gaussianVectors(seededRandom(7), 40, 4), 4)
  const labels = Array.from({ length: 40 }, (_, i) => String(i % 6))
  assert.deepEqual(
    await evaluateLabelled(vectors, labels, { seed: 7 }),
    await evaluateLabelled(vectors, labels, { seed: 7 }),
  )
})

const NOTHING: readonly [string, readonly string[], RegExp][] = [
  ['no image', [], /at least 2 classes, got 0/],
  ['one class', ['a', 'a', 'a'], /at least 2 classes, got 1/],
  ['no class of two', ['a', 'b', 'c'], /one image in each of 3 classes/],
]

for (const [name, labels, message] of NOTHING) {
  test(`${name} is nothing to evaluate`, async () => {
    const vectors = packRows(
      labels.map((_, i) => Float32Array.of(i)),
      1,
    )
    const evaluation = evaluateLabelled(vectors, labels, { seed: 8 })
    await assert.rejects(evaluation, failsWith('NOTHING_TO_EVALUATE', message))
  })
}
