import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findGroups } from '../../../../src/engine/embedded/search/groups.ts'
import type { Hit, Slice } from '../../../../src/engine/embedded/search/hits.ts'
import type { IdentityValue } from '../../../../src/engine/identity-value.ts'
import { type EngineQuery, NEAREST_IDS } from '../../../../src/engine/query.ts'
import { seededRandom } from '../../../../src/vector/random.ts'

const SEED = 9
const QUERY: EngineQuery = { ...NEAREST_IDS, vector: Float32Array.of(1), k: null, limit: 10_000 }
const EXPLAIN = { plan: 'scan', levels: [], distances: 0, predictedMs: 0, measuredMs: 0 }

/** Hits at distances 0, 0, 1, 1, … with the values that `kindOf` gives; each search and each read of values is noted. */
function records(count: number, kindOf: (key: number) => IdentityValue | null) {
  const all: Hit[] = Array.from({ length: count }, (_, key) => {
    return { key, id: `${key}`.padStart(6, '0'), distance: key >> 1 }
  })
  const searches: Slice[] = []
  const reads: number[] = []
  return {
    all,
    searches,
    reads,
    parts: {
      searcher: {
        async search(_: EngineQuery, slice: Slice) {
          searches.push(slice)
          const first = slice.after === null ? 0 : all.indexOf(slice.after as Hit) + 1
          return { hits: all.slice(first, first + slice.k), exact: true, explain: EXPLAIN }
        },
      },
      records: {
        async fieldValues(keys: readonly number[]) {
          reads.push(...keys)
          return { values: keys.map(kindOf), gone: false }
        },
      },
    },
  }
}

/** By a look at every hit in order. */
function naive(
  all: readonly Hit[],
  kindOf: (key: number) => IdentityValue | null,
  wanted: number,
  size: number,
) {
  const counts = new Map<IdentityValue, number>()
  return all.filter(({ key }) => {
    const value = kindOf(key)
    if (value === null) return false
    const count = counts.get(value) ?? 0
    if (count === size || (count === 0 && counts.size === wanted)) return false
    counts.set(value, count + 1)
    return true
  })
}

test('groups are those of a look at every record, also where these are far down the ranking', async () => {
  const random = seededRandom(SEED)
  const kinds = Array.from({ length: 60_000 }, (_, key) => {
    if (key < 40_000) return random() < 0.5 ? 'common' : null
    return random() < 0.001 ? `rare ${Math.floor(random() * 20)}` : 'common'
  })
  const kindOf = (key: number) => kinds[key]!
  for (const [wanted, size] of [
    [1, 3],
    [4, 2],
    [30, 5],
    [Number.POSITIVE_INFINITY, 2],
  ] as const) {
    const { all, parts, searches } = records(kinds.length, kindOf)
    const grouping = { field: 'kind', wanted, resume: 'x' }
    const found = await findGroups(parts, { ...QUERY, groupSize: size }, grouping)
    const expected = naive(all, kindOf, wanted, size)
    assert.deepEqual(found?.hits, expected, `seed ${SEED}, ${wanted} groups of ${size}`)
    assert.equal(found?.complete, true)
    for (const { key } of expected) assert.equal(found?.groups.get(key), kindOf(key))
    // None of them is put in order in one long turn.
    assert.ok(searches.every(({ k }) => k <= 16_384))
  }
})

test('a search for groups that are not there ends when nobody waits for it', async () => {
  const { parts, searches } = records(200_000, () => null)
  const caller = new AbortController()
  const search = parts.searcher.search
  parts.searcher.search = (query, slice) => {
    if (searches.length === 6) caller.abort(new Error('gone'))
    return search(query, slice)
  }
  const grouping = { field: 'kind', wanted: 10, resume: 'x' }
  const groups = findGroups(parts, QUERY, grouping, caller.signal)
  await assert.rejects(groups, /gone/)
  assert.equal(searches.length, 7)
})

test('the value of a record is read once', async () => {
  const { parts, reads } = records(50_000, () => null)
  const grouping = { field: 'kind', wanted: 10, resume: 'x' }
  const found = await findGroups(parts, QUERY, grouping)
  assert.deepEqual(found?.hits, [])
  assert.equal(reads.length, 50_000)
  assert.equal(new Set(reads).size, 50_000)
})

test('a record that moves down the ranking between two searches is in the answer once', async () => {
  const { all, parts } = records(40_000, (key) => (key === 0 || key >= 39_999 ? 'a' : null))
  const search = parts.searcher.search
  parts.searcher.search = (query, slice) => {
    if (slice.after !== null && all.length === 40_000) {
      all.push({ key: 50_000, id: all[0]!.id, distance: 30_000 })
    }
    return search(query, slice)
  }
  const grouping = { field: 'kind', wanted: 1, resume: 'x' }
  const found = await findGroups(parts, { ...QUERY, groupSize: 5 }, grouping)
  const ids = found?.hits.map(({ id }) => id)
  assert.deepEqual(ids, ['000000', '039999'])
})

test('where a record has ended meanwhile, the search is to be begun again', async () => {
  const { parts } = records(100, () => 'a')
  parts.records.fieldValues = async (keys) => ({ values: keys.map(() => null), gone: true })
  assert.equal(await findGroups(parts, QUERY, { field: 'kind', wanted: 2, resume: 'x' }), null)
})
