import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIdentities } from '../../../src/engine/identity-value.ts'
import { StoredSets } from '../../../src/index/sets/stored-sets.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { distanceFromSquared } from '../../../src/vector/space.ts'
import { toStoredVector } from '../../../src/vector/stored-vector.ts'
import { assertClose } from '../../support/assert-close.ts'
import { naiveIdentities } from '../../support/naive-identities.ts'
import { naiveTemplate } from '../../support/naive-template.ts'
import { HARD_SETS } from '../../support/random-vectors.ts'

const SEED = 20261130
const DIMENSIONS = 70
const SETS = 60
const VIEWS = 4

type Space = 'euclidean' | 'cosine'

/** Sets of four records each, of whose vectors some are equal in some kinds. */
function made(kind: keyof typeof HARD_SETS, space: Space) {
  const vectors = HARD_SETS[kind]!(seededRandom(SEED), SETS * VIEWS + 5, DIMENSIONS).map((vector) =>
    toStoredVector(vector, DIMENSIONS, space),
  )
  const records = vectors.slice(0, SETS * VIEWS).map((vector, i) => {
    return { id: `${i}`, vector, identity: `p${i % SETS}`, version: i }
  })
  const stored = new StoredSets(space, compareIdentities)
  const members = Array.from({ length: SETS }, (_, set) =>
    records.filter(({ identity }) => identity === `p${set}`),
  )
  stored.put(
    {
      names: members.map((_, set) => `p${set}`),
      ends: Uint32Array.from(members, (_, set) => (set + 1) * VIEWS),
      rows: Uint32Array.from(members.flat(), ({ version }) => version),
    },
    (row) => vectors[row]!,
  )
  return { stored, records, queries: vectors.slice(SETS * VIEWS) }
}

for (const kind of ['clustered', 'duplicates'] as const) {
  for (const space of ['euclidean', 'cosine'] as const) {
    for (const distance of ['nearest', 'mean-nearest', 'votes', 'hausdorff'] as const) {
      test(`${kind} sets by ${distance} are those of a plain loop, ${space}`, () => {
        const { stored, records, queries } = made(kind, space)
        const publish = (squared: number) => distanceFromSquared(space, squared)
        for (const views of [queries.slice(0, 1), queries.slice(1, 5), [records[7]!.vector]]) {
          const all = naiveIdentities(records, views, publish, distance)
          for (const k of [1, 5, SETS]) {
            for (const radius of [Number.POSITIVE_INFINITY, all[3]!.distance]) {
              const of = { kind: 'vectors', vectors: views } as const
              const { found } = stored.search({ of, distance, k, radius })
              assert.deepEqual(
                found.map(({ name, distance, size, nearest, votes }) => ({
                  identity: name,
                  distance,
                  records: size,
                  nearest: { id: `${nearest.row}`, distance: nearest.distance },
                  ...(votes !== undefined && { votes }),
                })),
                all.filter((one) => one.distance <= radius).slice(0, k),
                `seed ${SEED}, k ${k}, radius ${radius}`,
              )
            }
          }
        }
      })
    }
  }
}

test('each view names the record of a set that is nearest to it', () => {
  const { stored, records, queries } = made('clustered', 'euclidean')
  const of = { kind: 'vectors', vectors: queries } as const
  const asked = { of, distance: 'nearest', k: 5, radius: Number.POSITIVE_INFINITY } as const
  for (const { name, best } of stored.search(asked).found) {
    const set = records.filter(({ identity }) => identity === name)
    for (const [i, view] of queries.entries()) {
      const [least] = naiveIdentities(
        set.map((record) => ({ ...record, identity: record.id })),
        [view],
        Math.sqrt,
        'nearest',
      )
      assert.deepEqual(best[i], { row: Number(least!.nearest.id), distance: least!.distance })
    }
  }
})

for (const space of ['euclidean', 'cosine'] as const) {
  test(`distances of templates are those of their definition, ${space}`, () => {
    const { stored, records, queries } = made('clustered', space)
    const of = { kind: 'vectors', vectors: queries } as const
    const asked = { of, distance: 'template', k: SETS, radius: Number.POSITIVE_INFINITY } as const
    const { found } = stored.search(asked)
    assert.equal(found.length, SETS)
    const own = naiveTemplate(queries, space === 'cosine')
    let before = 0
    for (const { name, distance } of found) {
      const set = records.filter(({ identity }) => identity === name)
      const vectors = set.map(({ vector }) => vector)
      const centre = naiveTemplate(vectors, space === 'cosine')
      const apart = Math.hypot(...centre.map((value, i) => value - own[i]!))
      assertClose(
        distance,
        space === 'cosine' ? apart ** 2 / 2 : apart,
        `${name}, seed ${SEED}`,
        1e-5,
      )
      assert.ok(distance >= before, 'in order')
      before = distance
    }
  })
}

test('a set whose vectors cancel out has its first vector as template, and one of mostly equal ones is no error', () => {
  const stored = new StoredSets('cosine', compareIdentities)
  const vectors = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, 1],
    [0, 1],
    [1, 0],
  ].map((one) => Float32Array.from(one))
  stored.put(
    {
      names: ['opposite', 'equal'],
      ends: Uint32Array.of(2, 6),
      rows: Uint32Array.of(0, 1, 2, 3, 4, 5),
    },
    (row) => vectors[row]!,
  )
  const of = { kind: 'vectors', vectors: [Float32Array.of(1, 0)] } as const
  const { found } = stored.search({ of, distance: 'template', k: 2, radius: 4 })
  assert.deepEqual(
    found.map(({ name }) => name),
    ['opposite', 'equal'],
  )
  assert.equal(found[0]!.distance, 0)
})
