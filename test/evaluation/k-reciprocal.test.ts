import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kReciprocalDistances } from '../../src/evaluation/k-reciprocal.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'

const SEED = 1837

/** The authors' code, line by line, with dense matrices. */
function transcribed(
  squared: number[][],
  queryNum: number,
  k1: number,
  k2: number,
  lambda: number,
) {
  const allNum = squared.length
  const originalDist = squared.map((row) => row.map((value) => value / Math.max(...row)))
  const initialRank = originalDist.map((row) =>
    row.map((_, j) => j).sort((a, b) => row[a]! - row[b]! || a - b),
  )
  const neighbours = (i: number, k: number) => {
    const forward = initialRank[i]!.slice(0, k + 1)
    const backward = forward.map((j) => initialRank[j]!.slice(0, k + 1))
    return forward.filter((_, at) => backward[at]!.includes(i))
  }
  let v = originalDist.map((row, i) => {
    const kReciprocal = neighbours(i, k1)
    let expansion = [...kReciprocal]
    for (const candidate of kReciprocal) {
      const theirs = neighbours(candidate, Math.round(k1 / 2))
      const common = theirs.filter((j) => kReciprocal.includes(j))
      if (common.length > (2 / 3) * theirs.length) expansion = [...expansion, ...theirs]
    }
    expansion = [...new Set(expansion)]
    const weight = expansion.map((j) => Math.exp(-row[j]!))
    const sum = weight.reduce((a, b) => a + b, 0)
    return row.map((_, j) => (expansion.includes(j) ? weight[expansion.indexOf(j)]! / sum : 0))
  })
  if (k2 !== 1) {
    v = v.map((_, i) =>
      v.map((_, j) => {
        return initialRank[i]!.slice(0, k2).reduce((sum, row) => sum + v[row]![j]! / k2, 0)
      }),
    )
  }
  return Array.from({ length: queryNum }, (_, i) =>
    Array.from({ length: allNum - queryNum }, (_, at) => {
      const j = queryNum + at
      const [least, most] = [Math.min, Math.max].map((take) =>
        v[i]!.reduce((sum, value, n) => sum + take(value, v[j]![n]!), 0),
      )
      return (1 - least! / most!) * (1 - lambda) + originalDist[i]![j]! * lambda
    }),
  )
}

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
