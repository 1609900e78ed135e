import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenSetTrials } from '../../src/evaluation/open-set.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { packRows } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'

const SEED = 1844
const PEOPLE = 12

test('intervals of an open set are those of the people who ask, whatever numbers these have among all', () => {
  const random = seededRandom(SEED)
  const point = (x: number) => Float32Array.from([x + gaussian(random), gaussian(random)])
  const who = Array.from({ length: 3 * PEOPLE }, (_, i) => i % PEOPLE)
  const [asked, rows] = [who.map(point), who.map(point)]
  const evaluate = (numberOf: (person: number) => number) => {
    const images = (vectors: readonly Float32Array[]) => ({
      vectors: packRows(vectors, 2),
      classes: Int32Array.from(who, numberOf),
      cameras: null,
    })
    const trials = new OpenSetTrials(images(asked), images(rows))
    for (const [query, vector] of asked.entries()) {
      trials.see(
        query,
        Float64Array.from(rows, (row) => squaredEuclidean(vector, row)),
      )
    }
    return trials.evaluate('euclidean')
  }
  const wanted = evaluate((person) => person)
  assert.deepEqual(wanted && [wanted.known, wanted.unknown], [who.length, who.length])
  assert.deepEqual(
    evaluate((person) => 7 * person + 3),
    wanted,
    `seed ${SEED}`,
  )
})
