import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIdentities } from '../../../src/engine/identity-value.ts'
import type { SetName } from '../../../src/index/sets/row-sets.ts'
import { StoredSets } from '../../../src/index/sets/stored-sets.ts'
import { hasBit, setBit, sharedBits } from '../../../src/vector/bitset.ts'
import { type Random, seededRandom } from '../../../src/vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../../src/vector/space.ts'
import { toStoredVector } from '../../../src/vector/stored-vector.ts'
import { type NaiveRecord, naiveIdentities } from '../../support/naive-identities.ts'
import { gaussianVectors, HARD_SETS } from '../../support/random-vectors.ts'

const SEED = 20261122
const DIMENSIONS = 12
const RECORDS = 240

/** Rows, and the sets that get them: row i is the record of id `i` and version i. */
class Rows {
  readonly records = new Map<number, NaiveRecord>()
  readonly stored: StoredSets
  readonly #publish: (squared: number) => number

  constructor(space: SpaceKind) {
    this.stored = new StoredSets(space, compareIdentities)
    this.#publish = (squared) => distanceFromSquared(space, squared)
  }

  put(sets: ReadonlyMap<SetName, readonly Float32Array[]>, firstRow: number): void {
    const rows: number[] = []
    const ends: number[] = []
    const vectors = new Map<number, Float32Array>()
    for (const [name, members] of sets) {
      for (const [row, { identity }] of this.records) {
        if (identity === name) this.records.delete(row)
      }
      for (const vector of members) {
        const row = firstRow + rows.length
        this.records.set(row, { id: `${row}`, vector, identity: name, version: row })
        vectors.set(row, vector)
        rows.push(row)
      }
      ends.push(rows.length)
    }
    const changes = {
      names: [...sets.keys()],
      ends: Uint32Array.from(ends),
      rows: Uint32Array.from(rows),
    }
    this.stored.put(changes, (row) => vectors.get(row)!.slice())
  }

  /** @returns the distances of all sets, to choose a radius by. */
  compare(query: readonly Float32Array[], k: number, radius: number, what: string): number[] {
    const all = naiveIdentities(this.records.values(), query, this.#publish)
    const expected = all.filter(({ distance }) => distance <= radius).slice(0, k)
    const answer = this.stored.search({ of: { kind: 'vectors', vectors: query }, k, radius })
    const got = answer.found.map(({ name, distance, size, nearest }) => {
      const id = `${nearest.row}`
      return {
        identity: name,
        distance,
        records: size,
        nearest: { id, distance: nearest.distance },
      }
    })
    assert.deepEqual(got, expected, `${what}, k ${k}, radius ${radius}, seed ${SEED}`)
    assert.equal(answer.sets, all.length)
    return all.map(({ distance }) => distance)
  }
}

/** Sets of one to `most` members. */
function split(
  random: Random,
  vectors: readonly Float32Array[],
  most: number,
  nameOf: (i: number) => SetName,
): Map<SetName, Float32Array[]> {
  const sets = new Map<SetName, Float32Array[]>()
  for (let from = 0; from < vectors.length; ) {
    const to = from + 1 + Math.floor(random() * most)
    sets.set(nameOf(sets.size), vectors.slice(from, to))
    from = to
  }
  return sets
}

/** The radii at which a bound breaks: at a stored distance and one unit in the last place to each side. */
function radiiAbout(distance: number): number[] {
  const bits = new BigInt64Array(new Float64Array([distance]).buffer)[0]!
  const near = [bits - 1n, bits, bits + 1n].filter((value) => value >= 0n)
  return near.map((value) => new Float64Array(new BigInt64Array([value]).buffer)[0]!)
}

const MIXED_NAMES = (i: number): SetName => [`s${i}`, i, `${i}`][i % 3]!

for (const [kind, make] of Object.entries(HARD_SETS)) {
  for (const space of ['euclidean', 'cosine'] as const) {
    if (space === 'cosine' && kind.endsWith('norms')) continue
    test(`${kind} sets are found as by a plain loop, ${space}, before and after changes`, () => {
      const random = seededRandom(SEED)
      const stored = make(random, RECORDS + 40, DIMENSIONS).map((vector) =>
        space === 'cosine' ? toStoredVector(vector, DIMENSIONS, space) : vector,
      )
      const rows = new Rows(space)
      const queries = [stored.slice(RECORDS, RECORDS + 1), stored.slice(RECORDS + 1, RECORDS + 6)]
      const compare = (what: string) => {
        for (const query of queries) {
          for (const k of [1, 7, 1000]) {
            const distances = rows.compare(query, k, Number.POSITIVE_INFINITY, what)
            const some = [0, 5, distances.length - 1]
            for (const radius of some.flatMap((i) => radiiAbout(distances[i] ?? 0))) {
              rows.compare(query, k, radius, what)
            }
          }
        }
      }
      compare('without any set')
      rows.put(split(random, stored.slice(0, RECORDS), 5, MIXED_NAMES), 0)
      compare('after putting them')
      const other = split(random, stored.slice(RECORDS - 60), 5, (i) => MIXED_NAMES(i * 2))
      for (let i = 0; i < 12; i++) other.set(MIXED_NAMES(i * 3 + 1), [])
      rows.put(other, RECORDS)
      compare('after replacing and forgetting')
    })
  }
}

test('a search by a stored set is that by its vectors, without the set', () => {
  const random = seededRandom(SEED)
  const rows = new Rows('euclidean')
  const sets = split(random, HARD_SETS.duplicates!(random, RECORDS, DIMENSIONS), 3, MIXED_NAMES)
  rows.put(sets, 0)
  for (const [name, vectors] of sets) {
    const radius = Number.POSITIVE_INFINITY
    const by = rows.stored.search({ of: { kind: 'set', name }, k: 20, radius })
    const all = rows.stored.search({ of: { kind: 'vectors', vectors }, k: 1000, radius })
    const others = all.found.filter((set) => set.name !== name)
    assert.deepEqual(by.found, others.slice(0, 20), `seed ${SEED}`)
  }
})

test('rows that are left out are as if they had never been there', () => {
  const random = seededRandom(SEED)
  for (const kind of ['clustered', 'duplicates'] as const) {
    const rows = new Rows('euclidean')
    const stored = HARD_SETS[kind]!(random, RECORDS, DIMENSIONS)
    rows.put(split(random, stored, 4, MIXED_NAMES), 0)
    for (const share of [0.1, 0.5, 0.95]) {
      const without = sharedBits(RECORDS)
      for (let row = 0; row < RECORDS; row++) if (random() < share) setBit(without, row)
      const left = [...rows.records.values()].filter(({ id }) => !hasBit(without, Number(id)))
      const query = stored.slice(3, 5)
      const all = naiveIdentities(left, query)
      for (const k of [1, 9, 1000]) {
        const radius = all[k]?.distance ?? Number.POSITIVE_INFINITY
        const of = { kind: 'vectors', vectors: query } as const
        const { found, sets } = rows.stored.search({ of, k, radius, without })
        assert.equal(sets, all.length)
        const wanted = all.filter(({ distance }) => distance <= radius).slice(0, k)
        assert.deepEqual(
          found.map(({ name, distance, size, nearest }) => {
            const { row, distance: least } = nearest
            const first = { id: `${row}`, distance: least }
            return { identity: name, distance, records: size, nearest: first }
          }),
          wanted,
          `seed ${SEED}, ${kind}, share ${share}, k ${k}`,
        )
      }
    }
  }
})

test('a search by a stored set without some rows compares with all of it, and leaves it out', () => {
  const random = seededRandom(SEED)
  const rows = new Rows('euclidean')
  const sets = split(random, HARD_SETS.clustered!(random, RECORDS, DIMENSIONS), 3, MIXED_NAMES)
  rows.put(sets, 0)
  const without = sharedBits(RECORDS)
  for (let row = 0; row < RECORDS; row += 2) setBit(without, row)
  for (const [name, vectors] of sets) {
    const asked = { k: 1000, radius: Number.POSITIVE_INFINITY, without }
    const by = rows.stored.search({ of: { kind: 'set', name }, ...asked })
    const all = rows.stored.search({ of: { kind: 'vectors', vectors }, ...asked })
    assert.deepEqual(
      by.found,
      all.found.filter((set) => set.name !== name),
      `seed ${SEED}`,
    )
  }
})

test('a search of sets ends with the first check that fails', () => {
  const random = seededRandom(SEED)
  const rows = new Rows('euclidean')
  const stored = gaussianVectors(random, RECORDS, DIMENSIONS)
  rows.put(split(random, stored, 3, MIXED_NAMES), 0)
  const checks = (most: number) => {
    let count = 0
    const check = () => {
      if (++count > most) throw new Error('nobody waits')
    }
    const of = { kind: 'vectors', vectors: stored.slice(0, 2) } as const
    const search = () => rows.stored.search({ of, k: 5, radius: Number.POSITIVE_INFINITY }, check)
    if (most < Number.POSITIVE_INFINITY) assert.throws(search, /nobody waits/)
    else search()
    return count
  }
  assert.equal(checks(4), 5)
  assert.ok(checks(Number.POSITIVE_INFINITY) > 50)
})
