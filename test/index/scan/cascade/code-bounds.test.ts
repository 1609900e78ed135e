import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairLevels, pairsByCodes } from '../../../../src/index/join/pair-codes.ts'
import {
  FullCodeLevel,
  type FullLimits,
  prefixBetween,
  prefixBounds,
} from '../../../../src/index/scan/cascade/code-level.ts'
import { Coder } from '../../../../src/index/scan/cascade/coder.ts'
import type { Transform } from '../../../../src/index/scan/cascade/transform.ts'
import { ScanSegment } from '../../../../src/index/scan/scan-segment.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { Projector } from '../../../../src/kernels/projector.ts'
import { hasBit } from '../../../../src/vector/bitset.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { squaredEuclidean } from '../../../../src/vector/squared-euclidean.ts'
import { CODE_SETS, type CodeSet, plain } from '../../../support/code-sets.ts'
import { codedRows, filledRows } from '../../../support/coded-rows.ts'
import { SCAN_MODULE } from '../../../support/kernels.ts'
import { gaussianVectors, nextDown } from '../../../support/random-vectors.ts'
import { TIGHT_PAIRS } from '../../../support/tight-pairs.ts'

/** The code limit of queries shrinks past 2064 numbers. */
const DIMENSIONS = [64, 128, 1280, 2100, 5000]
const QUERIES = 8

interface Coded {
  readonly transform: Transform
  readonly vectors: readonly Float32Array[]
  readonly isCoded: (row: number) => boolean
  /** Lower bounds of all rows for each query, from one pass with all of them. */
  readonly prefix: (queries: readonly Float32Array[]) => readonly (readonly number[])[]
  /** Bounds of all rows on both sides. */
  readonly between: (query: Float32Array) => {
    readonly lower: readonly number[]
    readonly upper: readonly number[]
  }
  /** Tells whether codes rule out the pair of a row and each of four queries, at each level that pairs have. */
  readonly pairs: (
    queries: readonly Float32Array[],
  ) => (row: number, squaredBound: number) => readonly (readonly boolean[])[]
  /** Judges one row by the full codes. */
  readonly full: (
    query: Float32Array,
  ) => (row: number, limits: FullLimits) => 'out' | 'kept' | 'within'
}

function coded({ transform, vectors }: CodeSet): Coded {
  const memory = new BlockMemory()
  const rows = filledRows(memory, vectors)
  const codes = codedRows(memory, rows, transform, () => true)
  const segments = memory.segments.map((segment) => new ScanSegment(SCAN_MODULE, segment, 1))
  const bits = new Uint32Array(codes.coded)
  const coder = new Coder(transform, new Projector(SCAN_MODULE), 'queries')
  const code = (query: Float32Array) => {
    const coded = coder.codesOf(query)
    assert.ok(coded, 'the query can be coded')
    return coded
  }
  return {
    transform,
    vectors,
    isCoded: (row) => hasBit(bits, row),
    prefix(queries) {
      const found = queries.map((): number[] => [])
      const range = { first: 0, end: vectors.length }
      const coded = queries.map((query) => code(query).prefix)
      prefixBounds(segments, codes, coded, [range], (_, count, bounds) => {
        const width = bounds.length / count
        for (let i = 0; i < bounds.length; i++) found[i % width]?.push(bounds[i]!)
      })
      return found
    },
    between(query) {
      const range = { first: 0, end: vectors.length }
      const parts = prefixBetween(segments, codes, code(query).prefix, [range])
      const lower: number[] = []
      const upper: number[] = []
      for (const part of parts) {
        lower.push(...part.lower)
        upper.push(...part.upper)
      }
      return { lower, upper }
    },
    pairs(queries) {
      const coded = queries.map(code)
      return (row, squaredBound) =>
        pairLevels(codes).map((level) => {
          const isOut = queries.map(() => true)
          const range = { first: row, end: row + 1 }
          pairsByCodes(segments, codes, level, coded, range, squaredBound, (query) => {
            isOut[query] = false
          })
          return isOut
        })
    },
    full(query) {
      const level = new FullCodeLevel(segments, codes.full, code(query).full)
      return (row, limits) => {
        let said: 'out' | 'kept' | 'within' = 'out'
        level.filter([row], 0, 1, limits, (_, within) => {
          said = within ? 'within' : 'kept'
        })
        return said
      }
    },
  }
}

for (const [name, make] of Object.entries(CODE_SETS)) {
  for (const dimensions of DIMENSIONS) {
    const seed = dimensions + name.length
    const what = `${name}, ${dimensions} numbers, seed ${seed}`

    test(`${name}, ${dimensions} numbers: no code bound passes the canonical distance`, () => {
      const random = seededRandom(seed)
      const set = coded(make(random, dimensions > 2000 ? 72 : 160, dimensions))
      const queries = Array.from({ length: QUERIES }, () => {
        return set.vectors[Math.floor(random() * set.vectors.length)]!
      })
      const checked = checkBounds(set, queries, what)
      assert.ok(checked >= QUERIES * 64, `${what}: ${checked} pairs`)
    })
  }
}

for (const { needs, units, query, row } of TIGHT_PAIRS) {
  test(`a pair that needs ${units} units of ${needs}: no code bound passes the canonical distance`, () => {
    const pair = [query, row].map((text) => {
      return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
    })
    // Rows come to the kernels in blocks, and queries in fours.
    const vectors = Array.from({ length: 64 }, (_, i) => pair[i % 2]!)
    const set = coded({ transform: plain(pair[0]!.length), vectors })
    assert.equal(checkBounds(set, vectors.slice(0, QUERIES), needs), 64 * QUERIES)
  })
}

/** Compares all bounds of these queries and the rows that are coded. @returns the number of pairs. */
function checkBounds(set: Coded, queries: readonly Float32Array[], what: string): number {
  const alone = queries.map((query) => set.prefix([query])[0]!)
  const together = [...set.prefix(queries.slice(0, 4)), ...set.prefix(queries.slice(4))]
  let checked = 0
  const pairs = set.pairs(queries.slice(0, 4))
  for (const [row, vector] of set.vectors.entries()) {
    if (!set.isCoded(row)) continue
    for (const [q, query] of queries.slice(0, 4).entries()) {
      const squared = squaredEuclidean(query, vector)
      for (const level of pairs(row, squared)) {
        assert.equal(level[q], false, `${what}, query ${q}, row ${row}: no pair at ${squared}`)
      }
    }
  }
  for (const [q, query] of queries.entries()) {
    const full = set.full(query)
    const { lower, upper } = set.between(query)
    assert.deepEqual(lower, alone[q], `${what}, query ${q}: both kernels have one lower bound`)
    for (const [row, vector] of set.vectors.entries()) {
      if (!set.isCoded(row)) continue
      checked++
      const squared = squaredEuclidean(query, vector)
      const pair = `${what}, query ${q}, row ${row}, squared distance ${squared}`
      for (const lower of [alone[q]![row]!, together[q]![row]!]) {
        assert.ok(lower <= squared, `${pair}: lower bound ${lower} of the prefix`)
      }
      assert.ok(upper[row]! >= squared, `${pair}: upper bound ${upper[row]} of the prefix`)
      const bound = squared
      assert.notEqual(full(row, { bound, inner: -1, past: -1 }), 'out', pair)
      // Beyond all limits but one, which the row reaches, or just does not.
      const far = { bound: 3e38, inner: -1, past: -1 }
      const past = Math.fround(squared) <= squared ? squared : nextDown(Math.fround(squared))
      assert.notEqual(full(row, { ...far, past }), 'out', `${pair}: past ${past}`)
      if (squared === 0) continue
      const inner = nextDown(Math.fround(squared))
      const said = full(row, { ...far, inner })
      assert.equal(said, 'kept', `${pair}: called within ${inner}`)
    }
  }
  return checked
}

test('the bounds of clustered data tell its clusters apart', () => {
  const set = coded(CODE_SETS.clustered!(seededRandom(3), 160, 128))
  const [query] = set.vectors
  const [lower] = set.prefix([query!])
  const { upper } = set.between(query!)
  const pairs = set.pairs([query!, query!, query!, query!])
  const others = [...set.vectors.entries()].filter(([row]) => row % 8 !== 0)
  for (const [row, vector] of others) {
    const out = pairs(row, 0.9 * squaredEuclidean(query!, vector))
    assert.deepEqual(out, [Array(4).fill(true), Array(4).fill(true)], `row ${row}`)
  }
  const full = set.full(query!)
  for (const [row, vector] of others) {
    const squared = squaredEuclidean(query!, vector)
    assert.ok(upper[row]! < 1.15 * squared, `row ${row}: ${upper[row]} of ${squared}`)
    assert.ok(lower![row]! > 0.9 * squared, `row ${row}: ${lower![row]} of ${squared}`)
    const limits = { bound: 0.95 * squared, inner: -1, past: -1 }
    assert.equal(full(row, limits), 'out', `row ${row}`)
    const near = { bound: 1e30, inner: 1.05 * squared, past: -1 }
    assert.equal(full(row, near), 'within', `row ${row}`)
    const passed = { bound: 1e30, inner: -1, past: 1.05 * squared }
    assert.equal(full(row, passed), 'out', `row ${row}`)
  }
})

test('vectors that are farther from each other than from the mean are decided by the inner product alone', () => {
  const seed = 17
  const dimensions = 128
  const transform = plain(dimensions)
  const [query] = gaussianVectors(seededRandom(seed), 1, dimensions)
  const row = query!.map((x) => -0.9 * x)
  const set = coded({ transform, vectors: Array.from({ length: 64 }, () => row) })
  const codes = new Coder(transform, new Projector(SCAN_MODULE), 'rows')
  assert.ok(codes.code(row))
  const { error, scale, codes: integers } = codes.full
  const decoded = Float32Array.from(row, (_, i) => scale * integers[i]!)
  const between = Math.sqrt(squaredEuclidean(query!, decoded))
  const squared = squaredEuclidean(query!, row)
  // What the code loses, times the length of the query: the inner product may be off by 2 of it, the root by nearly 4.
  const step = error * Math.sqrt(squaredEuclidean(query!, new Float32Array(dimensions)))
  const judge = set.full(query!)
  const bound = squared - 2.9 * step
  const inner = squared + 2.9 * step
  assert.ok((between - error) ** 2 < bound && (between + error) ** 2 > inner, `seed ${seed}`)
  assert.equal(judge(0, { bound, inner: -1, past: -1 }), 'out', `seed ${seed}`)
  assert.equal(judge(0, { bound: 1e30, inner, past: -1 }), 'within', `seed ${seed}`)
})
