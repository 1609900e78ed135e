import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kReciprocalDistances } from '../../src/evaluation/k-reciprocal.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import { transcribed } from '../support/transcribed-k-reciprocal.ts'

const SEED = 1837

test('re-ranked distances are those of the paper, as its authors compute them', () => {
  const random = seededRandom(SEED)
  for (const [k1, k2, lambda] of [
    [20, 6, 0.3],
    [5, 1, 0],
    [7, 3, 1],
    [60, 6, 0.5],
  ] as const) {
    const points = Array.from({ length: 50 }, (_, i) =>
      Array.from({ length: 4 }, () => (i % 6) + 0.7 * gaussian(random)),
    )
    const squared = points.map((a) =>
      points.map((b) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)),
    )
    const expected = transcribed(squared, 12, k1, k2, lambda).flat()
    const got = kReciprocalDistances(Float64Array.from(squared.flat()), 12, { k1, k2, lambda })
    assert.equal(got.length, expected.length)
    for (const [i, value] of expected.entries()) {
      assertClose(got[i]!, value, `k1 ${k1}, k2 ${k2}, lambda ${lambda}, ${i}, seed ${SEED}`, 1e-9)
    }
  }
})

test('equal rows, and fewer of them than neighbours, make no number that is none', () => {
  const distances = kReciprocalDistances(new Float64Array(16), 2)
  assert.ok(
    distances.every((value) => value === 0),
    `${distances}`,
  )
})
