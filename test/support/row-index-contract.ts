import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RowAnswer, RowIndex, RowQuery } from '../../src/index/row-index.ts'
import { type Random, seededRandom } from '../../src/vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../src/vector/space.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'
import { HARD_SETS } from './random-vectors.ts'

interface OpenedIndex {
  readonly index: Omit<RowIndex, 'squares' | 'within'>
  close(): Promise<void>
}

type Open = (vectors: readonly Float32Array[], space: SpaceKind) => Promise<OpenedIndex>

interface Found {
  readonly row: number
  readonly distance: number
}

/** Every RowIndex answers as a plain float64 loop over all rows would. */
export function describeRowIndex(name: string, open: Open): void {
  for (const [set, make] of Object.entries(HARD_SETS)) {
    for (const space of ['euclidean', 'cosine'] as const) {
      for (const dimensions of [1, 3, 16, 67]) {
        test(`${name}: ${set}, ${space}, ${dimensions} numbers: equal to a naive scan`, async () => {
          const seed = 7 * dimensions + set.length
          const random = seededRandom(seed)
          const vectors = make(random, 400, dimensions).map((v) =>
            toStoredVector(v.some((x) => x !== 0) ? v : v.fill(1), dimensions, space),
          )
          const { index, close } = await open(vectors, space)
          try {
            for (const query of queries(random, vectors, space)) {
              compare(await index.search(query), vectors, space, query, `seed ${seed}`)
            }
          } finally {
            await close()
          }
        })
      }
    }
  }

  test(`${name}: an index without rows answers nothing`, async () => {
    const { index, close } = await open([], 'euclidean')
    const vector = new Float32Array(index.dimensions).fill(1)
    const answer = await index.search(everything(vector))
    await close()
    assert.equal(answer.rows.length, 0)
  })

  test(`${name}: one row is found up to its distance, and only where it may be`, async () => {
    const seed = 3
    const random = seededRandom(seed)
    for (const dimensions of [1, 40]) {
      const [vector, other] = HARD_SETS.random!(random, 2, dimensions)
      const vectors = [vector!]
      const { index, close } = await open(vectors, 'euclidean')
      try {
        for (const from of [vector!, other!]) {
          const query = everything(from)
          const distance = naive(vectors, 'euclidean', query)[0]!.distance
          for (const radius of [distance, distance * (1 + 2 ** -52), distance * (1 - 2 ** -53)]) {
            for (const allowed of [null, Uint32Array.of(1), Uint32Array.of(0)]) {
              const narrow = { ...query, radius, allowed }
              compare(await index.search(narrow), vectors, 'euclidean', narrow, `seed ${seed}`)
            }
          }
        }
      } finally {
        await close()
      }
    }
  })

  test(`${name}: of many equal rows all are returned, for the caller to choose by id`, async () => {
    const same = Array.from({ length: 3000 }, () => Float32Array.of(1, 2, 3))
    const { index, close } = await open(same, 'euclidean')
    const answer = await index.search({ ...everything(same[0]!), k: 1 })
    await close()
    assert.equal(answer.rows.length, 3000)
  })

  test(`${name}: more than one block of rows is searched`, async () => {
    const random = seededRandom(5)
    const vectors = HARD_SETS.random!(random, 3000, 200)
    const { index, close } = await open(vectors, 'euclidean')
    try {
      for (let i = 0; i < 5; i++) {
        const query = { ...everything(HARD_SETS.random!(random, 1, 200)[0]!), k: 20 }
        compare(await index.search(query), vectors, 'euclidean', query, 'seed 5')
      }
    } finally {
      await close()
    }
  })
}

function everything(vector: Float32Array): RowQuery {
  return { vector, k: 10, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }
}

/** k-NN, ranges whose edge is a stored distance or a neighbouring float, pages, masks. */
function* queries(
  random: Random,
  vectors: readonly Float32Array[],
  space: SpaceKind,
): Generator<RowQuery> {
  for (let i = 0; i < 4; i++) {
    const stored = vectors[Math.floor(random() * vectors.length)]!
    const vector = i % 2 === 0 ? stored : stored.map((x) => x * (1 + 0.1 * random()))
    const base = everything(vector)
    const distances = naive(vectors, space, base).map((found) => found.distance)
    const edge = distances[Math.floor(random() * Math.min(50, distances.length))]!
    const allowed = new Uint32Array(Math.ceil(vectors.length / 32)).map(
      () => (random() * 2 ** 32) >>> 0,
    )
    const few = new Uint32Array(allowed.length)
    few[3] = 0b1010
    for (const k of [1, 10, 1000]) yield { ...base, k }
    for (const radius of [edge, edge * (1 + 2 ** -52), edge * (1 - 2 ** -53), 0]) {
      yield { ...base, k: 1000, radius }
    }
    yield { ...base, k: 7, from: edge }
    yield { ...base, k: 3, from: edge, radius: edge }
    yield { ...base, k: 10, allowed }
    yield { ...base, k: 10, allowed: few }
    yield { ...base, k: 10, radius: edge, allowed }
    for (const way of [{ kind: 'gather', rows: 2 }, { kind: 'cascade' }] as const) {
      yield { ...base, way }
      yield { ...base, allowed, way }
      yield { ...base, k: 1, allowed: few, way }
      yield { ...base, radius: edge, allowed, way }
    }
  }
}

function naive(
  vectors: readonly Float32Array[],
  space: SpaceKind,
  query: RowQuery,
): readonly Found[] {
  const found: Found[] = []
  vectors.forEach((vector, row) => {
    let squared = 0
    for (let i = 0; i < vector.length; i++) squared += (vector[i]! - query.vector[i]!) ** 2
    const distance = distanceFromSquared(space, squared)
    const bit = query.allowed === null || ((query.allowed[row >> 5]! >>> (row & 31)) & 1) === 1
    if (bit && distance <= query.radius && distance >= query.from) found.push({ row, distance })
  })
  return found.sort((a, b) => a.distance - b.distance || a.row - b.row)
}

function compare(
  answer: RowAnswer,
  vectors: readonly Float32Array[],
  space: SpaceKind,
  query: RowQuery,
  seed: string,
): void {
  const all = naive(vectors, space, query)
  const beyond = all.filter((found) => found.distance > query.from)
  const last = beyond[Math.min(query.k, beyond.length) - 1]?.distance ?? query.from
  const wanted = all.filter((found) => found.distance <= last)
  const found = [...answer.rows]
    .map((row, i) => ({ row, distance: answer.distances[i]! }))
    .sort((a, b) => a.distance - b.distance || a.row - b.row)
  const { k, radius, from } = query
  assert.deepEqual(found, wanted, `${seed}, ${JSON.stringify({ k, radius, from })}`)
}
