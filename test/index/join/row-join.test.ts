import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PairRanks } from '../../../src/index/join/found-pairs.ts'
import { JOIN_START, type JoinPlace, type JoinTask } from '../../../src/index/join/join-task.ts'
import { RowJoin } from '../../../src/index/join/row-join.ts'
import { BlockMemory } from '../../../src/kernels/block-memory.ts'
import { clearBit, firstBits, hasBit } from '../../../src/vector/bitset.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import type { SpaceKind } from '../../../src/vector/space.ts'
import { toStoredVector } from '../../../src/vector/stored-vector.ts'
import { codesOf, filledRows, type Levels } from '../../support/coded-rows.ts'
import { SCAN_MODULE } from '../../support/kernels.ts'
import { type NaivePair, naiveJoin } from '../../support/naive-join.ts'
import { HARD_SETS } from '../../support/random-vectors.ts'

const LEVELS: Readonly<Record<string, Levels | null>> = {
  'no codes': null,
  'codes of whole vectors': { prefix: false, coded: () => true },
  'prefix codes': { prefix: true, coded: () => true },
  'some rows without codes': { prefix: true, coded: (row) => row % 5 !== 0 },
}

/** The clock of slices that end after every step, as soon as they may. */
const HURRIED = { clock: () => 0, sliceMs: 0, checkStop: () => undefined }
const UNHURRIED = { clock: () => 0, sliceMs: 1, checkStop: () => undefined }

interface Joined {
  readonly left: readonly Float32Array[]
  readonly right: readonly Float32Array[]
  readonly space: SpaceKind
  readonly levels: Levels | null
}

/** Gives a function that joins two lists, which may be one, slice by slice. */
function joiner({ left, right, space, levels }: Joined) {
  const memory = new BlockMemory()
  const join = new RowJoin(SCAN_MODULE, 2)
  memory.onSegment((segment) => join.addSegment(segment))
  const isSelf = left === right
  const leftRows = filledRows(memory, left)
  const rightRows = isSelf ? leftRows : filledRows(memory, right)
  const codes = codesOf(memory, rightRows, right, levels)
  return (
    limits: Partial<Pick<JoinTask, 'radius' | 'k' | 'ranks' | 'leftRows'>> & {
      readonly allowed?: Uint32Array | null
      /** The slices after which the prefix codes are gone. */
      readonly prefixSlices?: number
    },
    options = UNHURRIED,
  ): NaivePair[] => {
    const { allowed = null, prefixSlices = Number.POSITIVE_INFINITY, ...others } = limits
    let slices = 0
    const found: NaivePair[] = []
    let from: JoinPlace | null = JOIN_START
    while (from !== null) {
      const hasPrefix = slices++ < prefixSlices
      const slice = join.slice(
        {
          space,
          left: leftRows.view(),
          leftRows: Uint32Array.from({ length: left.length }, (_, row) => row),
          right: {
            rows: rightRows.view(),
            codes: codes === null || hasPrefix ? codes : { ...codes, prefix: null },
            allowed,
          },
          isSelf,
          radius: Number.POSITIVE_INFINITY,
          k: Number.POSITIVE_INFINITY,
          ranks: null,
          ...others,
          from,
        },
        options,
      )
      slice.left.forEach((a, i) => {
        found.push({ a, b: slice.right[i]!, distance: slice.distances[i]! })
      })
      from = slice.next
    }
    return found
  }
}

function sorted(pairs: readonly NaivePair[]): NaivePair[] {
  return [...pairs].sort((x, y) => x.distance - y.distance || x.a - y.a || x.b - y.b)
}

function made(set: string, seed: number, count: number, dimensions: number, space: SpaceKind) {
  return HARD_SETS[set]!(seededRandom(seed), count, dimensions).map((vector) =>
    toStoredVector(vector.some((x) => x !== 0) ? vector : vector.fill(1), dimensions, space),
  )
}

for (const set of Object.keys(HARD_SETS)) {
  for (const space of ['euclidean', 'cosine'] as const) {
    for (const [name, levels] of Object.entries(LEVELS)) {
      test(`${set}, ${space}, ${name}: a join gives the pairs of a plain double loop`, () => {
        const seed = 5 + set.length
        const left = made(set, seed, 80, 67, space)
        const right = made(set, seed + 1, 90, 67, space)
        for (const [a, b] of [
          [left, left],
          [left, right],
        ] as const) {
          const join = joiner({ left: a, right: b, space, levels })
          const all = naiveJoin(space, a, b, Number.POSITIVE_INFINITY)
          const stored = all[Math.floor(all.length / 50)]!.distance
          for (const radius of [
            0,
            stored,
            stored * (1 + 2 ** -52),
            stored * (1 - 2 ** -53),
            Number.POSITIVE_INFINITY,
          ]) {
            const wanted = all.filter(({ distance }) => distance <= radius)
            assert.deepEqual(sorted(join({ radius })), wanted, `seed ${seed}, radius ${radius}`)
          }
        }
      })
    }
  }
}

test('slices that end after every step give each pair once', () => {
  const vectors = made('clustered', 3, 300, 40, 'euclidean')
  const join = joiner({
    left: vectors,
    right: vectors,
    space: 'euclidean',
    levels: LEVELS['prefix codes']!,
  })
  const all = naiveJoin('euclidean', vectors, vectors, 2)
  assert.ok(all.length > 100)
  assert.deepEqual(sorted(join({ radius: 2 }, HURRIED)), all)
})

test('rows of several strips and blocks are joined, and slices end where they hold many pairs', () => {
  const left = made('random', 11, 30, 2, 'euclidean')
  const right = made('random', 12, 40_000, 2, 'euclidean')
  const join = joiner({ left, right, space: 'euclidean', levels: null })
  const all = naiveJoin('euclidean', left, right, 2)
  assert.ok(all.length > 3 * 32_768)
  assert.deepEqual(sorted(join({ radius: 2 })), all)
})

for (const sides of ['one list', 'two lists']) {
  test(`${sides}: rows of many bundles and strips give each pair once, in slices of a step`, () => {
    const seed = 51
    const vectors = made('clustered', seed, 200, 5000, 'euclidean')
    const [left, right] =
      sides === 'one list' ? [vectors, vectors] : [vectors.slice(0, 70), vectors.slice(40)]
    const all = naiveJoin('euclidean', left, right, Number.POSITIVE_INFINITY)
    const radius = all[Math.floor(all.length / 20)]!.distance
    const wanted = all.filter(({ distance }) => distance <= radius)
    for (const [name, levels] of Object.entries(LEVELS)) {
      const join = joiner({ left, right, space: 'euclidean', levels })
      assert.deepEqual(sorted(join({ radius }, HURRIED)), wanted, `seed ${seed}, ${name}`)
    }
  })
}

/** Rows at the edges of strips of float32 rows, of codes of whole vectors and of prefix codes, and the last. */
const EDGES = [0, 31, 32, 8191, 8192, 8193, 9567, 9568, 12_287, 12_288, 12_289, 20_010]

for (const { what, prefixSlices } of [
  { what: 'prefix codes', prefixSlices: Number.POSITIVE_INFINITY },
  { what: 'prefix codes that go while a strip is under way', prefixSlices: 2 },
]) {
  test(`${what}: rows at the edges of strips are in all their pairs`, () => {
    const seed = 61
    const vectors = made('random', seed, 20_011, 67, 'euclidean')
    // All rows at the edges are near each other, and the others far away.
    for (const row of EDGES) {
      vectors[row] = vectors[0]!.map((x, i) => (i === row % 67 ? x + 0.01 : x))
    }
    const isEdge = (row: number) => EDGES.includes(row)
    const wanted = naiveJoin(
      'euclidean',
      EDGES.map((row) => vectors[row]!),
      vectors,
      0.1,
    )
      .map(({ a, b, distance }) => ({ a: EDGES[a]!, b, distance }))
      .sort((x, y) => x.distance - y.distance || x.a - y.a || x.b - y.b)
    assert.equal(wanted.filter(({ b }) => isEdge(b)).length, EDGES.length ** 2)
    const join = joiner({
      left: vectors,
      right: vectors,
      space: 'euclidean',
      levels: LEVELS['prefix codes']!,
    })
    const leftRows = Uint32Array.from(EDGES)
    const found = sorted(join({ radius: 0.1, leftRows, prefixSlices }, HURRIED))
    assert.deepEqual(
      found,
      wanted.filter(({ a, b }) => a < b),
      `seed ${seed}`,
    )
  })
}

test('rows that are not allowed are in no pair, however few are', () => {
  const vectors = made('random', 21, 400, 40, 'cosine')
  for (const [name, levels] of Object.entries(LEVELS)) {
    const join = joiner({ left: vectors, right: vectors, space: 'cosine', levels })
    for (const divisor of [2, 50]) {
      const allowed = firstBits(400)
      for (let row = 0; row < 400; row++) if (row % divisor !== 0) clearBit(allowed, row)
      const leftRows = Uint32Array.from({ length: 400 }, (_, row) => row).filter((row) =>
        hasBit(allowed, row),
      )
      const wanted = naiveJoin('cosine', vectors, vectors, 0.9).filter(
        ({ a, b }) => a % divisor === 0 && b % divisor === 0,
      )
      assert.deepEqual(sorted(join({ radius: 0.9, allowed, leftRows })), wanted, name)
    }
  }
})

for (const set of ['random', 'duplicates']) {
  test(`${set}: the k closest pairs are the first of all, where ties are in the order of the ranks`, () => {
    const seed = 31
    const vectors = made(set, seed, 300, 40, 'euclidean')
    // The rows have their ids in another order.
    const rank = Uint32Array.from({ length: 300 }, (_, row) => (row * 7) % 300)
    const ranks: PairRanks = { left: rank, right: rank }
    const all = naiveJoin('euclidean', vectors, vectors, Number.POSITIVE_INFINITY)
      .map(({ a, b, distance }) => {
        return rank[a]! < rank[b]! ? { a, b, distance } : { a: b, b: a, distance }
      })
      .sort((x, y) => x.distance - y.distance || rank[x.a]! - rank[y.a]! || rank[x.b]! - rank[y.b]!)
    for (const [name, levels] of Object.entries(LEVELS)) {
      const join = joiner({ left: vectors, right: vectors, space: 'euclidean', levels })
      for (const k of [1, 10, 1500]) {
        const why = `seed ${seed}, ${name}, k ${k}`
        assert.deepEqual(join({ k, ranks }), all.slice(0, k), why)
      }
    }
  })
}

test('what the check for a stop throws ends a slice', () => {
  const vectors = made('random', 41, 50, 8, 'euclidean')
  const join = joiner({ left: vectors, right: vectors, space: 'euclidean', levels: null })
  const stop = new Error('stopped')
  const checkStop = () => {
    throw stop
  }
  assert.throws(() => join({}, { ...UNHURRIED, checkStop }), stop)
})
