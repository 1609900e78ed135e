import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localDimension } from '../../../src/index/statistics/local-dimension.ts'
import { assertClose } from '../../support/assert-close.ts'

/** Where the neighbours of a point lie whose space grows as the d-th power: r_j = (j / k)^(1 / d). */
function neighbours(k: number, dimension: number): Float64Array {
  return Float64Array.from({ length: k }, (_, i) => ((i + 1) / k) ** (1 / dimension))
}

test('distances that grow as a space of d dimensions give d, up to the known bias of k', () => {
  const k = 100
  // The mean of ln(k / j) over j < k, which tends to 1 as k grows.
  let bias = 0
  for (let j = 1; j < k; j++) bias += Math.log(k / j) / (k - 1)
  for (const dimension of [1, 2, 7.5, 64]) {
    const lid = localDimension([neighbours(k, dimension)]) ?? 0
    assertClose(lid * bias, dimension, 'the dimension', 1e-9)
    assert.ok(Math.abs(lid / dimension - 1) < 0.04, `got ${lid} for ${dimension}`)
  }
})

test('the scale of the distances does not matter', () => {
  const scaled = neighbours(50, 3).map((distance) => distance * 1e6)
  assertClose(
    localDimension([scaled]) ?? 0,
    localDimension([neighbours(50, 3)]) ?? 0,
    'the dimension',
    1e-9,
  )
})

test('objects are pooled by the mean of the inverses', () => {
  const both = localDimension([neighbours(40, 2), neighbours(40, 6)]) ?? 0
  const [two, six] = [2, 6].map((dimension) => localDimension([neighbours(40, dimension)]) ?? 0)
  assertClose(both, 2 / (1 / two! + 1 / six!), 'the dimension', 1e-9)
})

test('duplicates are left out, and equal distances have no dimension', () => {
  const withDuplicates = Float64Array.of(0, 0, ...neighbours(40, 3))
  assertClose(
    localDimension([withDuplicates]) ?? 0,
    localDimension([neighbours(40, 3)]) ?? 0,
    'the dimension',
    1e-9,
  )
  assert.equal(localDimension([Float64Array.of(1, 1, 1), Float64Array.of(0, 0)]), null)
  assert.equal(localDimension([]), null)
})
