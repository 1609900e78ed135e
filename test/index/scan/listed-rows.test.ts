import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FloatLevel } from '../../../src/index/scan/float-level.ts'
import type { RowDecider } from '../../../src/index/scan/row-decider.ts'
import { ScanSegment } from '../../../src/index/scan/scan-segment.ts'
import { BlockMemory } from '../../../src/kernels/block-memory.ts'
import { kernelBound, kernelWithin } from '../../../src/kernels/kernels.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { squaredEuclidean } from '../../../src/vector/squared-euclidean.ts'
import { filledRows } from '../../support/coded-rows.ts'
import { SCAN_MODULE } from '../../support/kernels.ts'
import { gaussianVectors, HARD_SETS, nextDown } from '../../support/random-vectors.ts'

const SEED = 17
const ROWS = 1500
/** A block has 163 rows of so many numbers. */
const DIMENSIONS = 401

function scanned(vectors: readonly Float32Array[]) {
  const memory = new BlockMemory()
  const rows = filledRows(memory, vectors)
  const segments = memory.segments.map((segment) => new ScanSegment(SCAN_MODULE, segment, 1))
  return { rows, segments, level: new FloatLevel(segments) }
}

/** Notes the rows that it is told of. */
class Noted implements RowDecider {
  readonly query: RowDecider['query']
  readonly squaredBound: number
  readonly certain: RowDecider['certain']
  readonly isStopped = false
  readonly decided = new Map<number, number>()
  readonly within: number[] = []

  constructor(vector: Float32Array, squaredBound: number, inner = -1) {
    this.query = { vector, allowed: null }
    this.squaredBound = squaredBound
    this.certain = { inner, past: -1 }
  }

  decide(): void {
    throw new Error('expected a kernel to compute the distance')
  }

  decideBySquared(row: number, squared: number): void {
    assert.ok(!this.decided.has(row), `row ${row} is decided twice`)
    this.decided.set(row, squared)
  }
}

class Counted extends Noted {
  takeWithin(row: number): void {
    this.within.push(row)
  }
}

const vectors = gaussianVectors(seededRandom(SEED), ROWS, DIMENSIONS)
const query = vectors[700]!
const squares = vectors.map((vector) => squaredEuclidean(query, vector))
const list = [...vectors.keys()].filter((row) => row % 7 < 3)

test('rows listed in many blocks are decided by their canonical distances', () => {
  const { rows, level } = scanned(vectors)
  const noted = new Noted(query, Number.POSITIVE_INFINITY)
  level.decideRows(rows.view(), noted, list, list.length)
  assert.deepEqual(
    [...noted.decided],
    list.map((row) => [row, squares[row]!]),
    `seed ${SEED}`,
  )
})

test('of rows listed in many blocks those within the bound are decided, and hardly more', () => {
  const { rows, level } = scanned(vectors)
  const bound = squares.toSorted((a, b) => a - b)[ROWS / 2]!
  const noted = new Noted(query, bound)
  level.scanRows(rows.view(), noted, list, list.length)
  const wanted = list.filter((row) => squares[row]! <= bound)
  const found = [...noted.decided.keys()].filter((row) => squares[row]! <= bound)
  assert.deepEqual(found, wanted, `seed ${SEED}`)
  assert.ok(noted.decided.size <= wanted.length + 3, `${noted.decided.size} were decided`)
  for (const [row, squared] of noted.decided) assert.equal(squared, squares[row], `row ${row}`)
})

test('a row that is within for sure is taken without its distance, and all others within are decided', () => {
  const { rows, level } = scanned(vectors)
  const bound = squares.toSorted((a, b) => a - b)[ROWS / 2]!
  const counted = new Counted(query, bound, Math.fround(bound * (1 - 2 ** -36)))
  level.scanRows(rows.view(), counted, list, list.length)
  const wanted = list.filter((row) => squares[row]! <= bound)
  const decided = [...counted.decided.keys()].filter((row) => squares[row]! <= bound)
  assert.deepEqual(
    [...counted.within, ...decided].sort((a, b) => a - b),
    wanted,
  )
  assert.ok(counted.within.length >= wanted.length - 3, `${counted.within.length} were taken`)
})

for (const [name, make] of Object.entries(HARD_SETS)) {
  test(`${name}: the float32 kernel calls no row within that lies beyond, nor leaves one out`, () => {
    for (const dimensions of [3, 64, 1001]) {
      const made = make(seededRandom(SEED), 60, dimensions)
      const { rows, segments } = scanned(made)
      const { layout } = rows
      const [segment] = segments
      const noted = new Noted(made[0]!, Number.POSITIVE_INFINITY)
      const level = new FloatLevel(segments)
      for (const [row, vector] of made.entries()) {
        // Lists the row alone, and loads the query.
        level.decideRows(rows.view(), noted, [row], 1)
        const { kernels, at, found } = segment!
        segment!.listed[0] = found[0]!
        const squared = squaredEuclidean(made[0]!, vector)
        const bound = kernelBound(squared, dimensions)
        const inner = squared === 0 ? -1 : kernelWithin(nextDown(squared), dimensions)
        const { query, listed, found: to } = at
        const hits = kernels.scanListed(query, 0, listed, 1, 4, layout.floats, bound, inner, to)
        assert.equal(hits, 1, `${dimensions} numbers, row ${row}: left out at ${squared}`)
        assert.equal(found[0]! >>> 31, 0, `${dimensions} numbers, row ${row}: within ${squared}`)
      }
    }
  })
}
