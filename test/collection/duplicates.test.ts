import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type DuplicatesAnswer,
  type DuplicatesRequest,
  duplicates,
} from '../../src/collection/duplicates.ts'
import { compareIds } from '../../src/engine/collection-spec.ts'
import type { RecordVersion } from '../../src/engine/embedded/rows/generation-rows.ts'
import { mapBounded } from '../../src/scheduling/map-bounded.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { differentBits } from '../support/different-bits.ts'
import { withEngine } from '../support/open-engine.ts'
import { SAMPLE_IMAGE, sampleRecord, sampleSpec } from '../support/sample-records.ts'

const SEED = 21
const DIMENSIONS = 4
type Ask = Omit<DuplicatesRequest, 'limit' | 'cursor'>

/** Hands over a way to ask the records for one page. */
async function withRecords(
  records: readonly RecordVersion[],
  use: (ask: (request: DuplicatesRequest) => Promise<DuplicatesAnswer>) => Promise<void>,
): Promise<void> {
  await withEngine(async (engine) => {
    const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
    await mapBounded(records, 64, ({ id, vector, fingerprint = null }) => {
      const image = fingerprint === null ? null : { ...SAMPLE_IMAGE, fingerprint }
      return collection.put(sampleRecord(id, { vector, image }))
    })
    const { generation, release } = collection.pin()
    await use((request) => duplicates(request, collection, generation))
    release()
  })
}

async function allPages(
  ask: (request: DuplicatesRequest) => Promise<DuplicatesAnswer>,
  request: Ask,
  limit: number,
): Promise<DuplicatesAnswer[]> {
  const pages: DuplicatesAnswer[] = []
  for (let cursor: string | null = null; ; ) {
    const page = await ask({ ...request, limit, cursor })
    assert.equal(page.complete, page.cursor === null)
    assert.ok(page.groups.length <= limit)
    pages.push(page)
    cursor = page.cursor
    if (cursor === null) return pages
  }
}

/** Connected components of two or more by comparing all pairs. */
function components(
  records: readonly RecordVersion[],
  near: (a: RecordVersion, b: RecordVersion) => boolean,
): string[][] {
  const group = new Map(records.map((record) => [record, [record.id]]))
  for (const a of records) {
    for (const b of records) {
      if (!near(a, b) || group.get(a) === group.get(b)) continue
      const [kept, joined] = [group.get(a)!, group.get(b)!]
      kept.push(...joined)
      for (const record of records) if (group.get(record) === joined) group.set(record, kept)
    }
  }
  return [...new Set(group.values())]
    .filter((ids) => ids.length > 1)
    .map((ids) => ids.sort(compareIds))
    .sort((a, b) => compareIds(a[0]!, b[0]!))
}

/** Chains of pictures of which each is a little off the one before; ids in no order. */
function chains(count: number): RecordVersion[] {
  const random = seededRandom(SEED)
  let bits = 0n
  let vector = new Float32Array(DIMENSIONS)
  return Array.from({ length: count }, (_, i) => {
    const anew = random() < 0.35
    const flips = anew ? 64 : 1 + Math.floor(random() * 6)
    for (let flip = 0; flip < flips; flip++) bits ^= 1n << BigInt(Math.floor(random() * 64))
    vector = vector.map((value) => (anew ? random() * 30 : value + random() * 0.4))
    const fingerprint = i % 50 === 7 ? null : bits.toString(16).padStart(16, '0')
    return { key: i + 1, id: `${(i * 7919) % count}`, vector, fingerprint, replacedKey: null }
  })
}

test('groups by fingerprint are the connected components, whatever the pages', async () => {
  const records = chains(600)
  const expected = components(
    records,
    (a, b) =>
      a.fingerprint != null &&
      b.fingerprint != null &&
      differentBits(a.fingerprint, b.fingerprint) <= 5,
  )
  assert.ok(expected.some((ids) => ids.length > 4))
  await withRecords(records, async (ask) => {
    for (const limit of [7, 1000]) {
      const pages = await allPages(ask, { by: 'fingerprint', radius: 5 }, limit)
      const groups = pages.flatMap((page) => page.groups)
      assert.deepEqual(
        groups,
        expected.map((ids) => ({ ids, complete: true })),
        `seed ${SEED}, limit ${limit}`,
      )
      assert.ok(pages.every((page) => page.without === 12))
    }
  })
})

test('groups by embedding are the connected components, whatever the pages', async () => {
  const records = chains(400)
  const expected = components(
    records,
    (a, b) => Math.hypot(...a.vector.map((value, i) => value - b.vector[i]!)) <= 0.5,
  )
  assert.ok(expected.some((ids) => ids.length > 2))
  await withRecords(records, async (ask) => {
    for (const limit of [5, 1000]) {
      const pages = await allPages(ask, { by: 'embedding', radius: 0.5 }, limit)
      const groups = pages.flatMap((page) => page.groups)
      assert.deepEqual(
        groups,
        expected.map((ids) => ({ ids, complete: true })),
        `seed ${SEED}, limit ${limit}`,
      )
      assert.ok(pages.every((page) => !('without' in page)))
    }
  })
})

test('of a group too large to show a part is shown, and the others are found', async () => {
  const one = { vector: new Float32Array(DIMENSIONS), replacedKey: null }
  const records = Array.from({ length: 2600 }, (_, i): RecordVersion => {
    const fingerprint =
      i % 650 < 2 ? `${i % 650}${`${Math.floor(i / 650)}`.repeat(15)}` : 'a'.repeat(16)
    return { key: i + 1, id: `p${`${i}`.padStart(4, '0')}`, ...one, fingerprint }
  })
  const near = (a: RecordVersion, b: RecordVersion) =>
    differentBits(a.fingerprint!, b.fingerprint!) <= 2
  const expected = components(
    records.filter(({ fingerprint }) => fingerprint![2] !== 'a'),
    near,
  )
  assert.equal(expected.length, 4)
  await withRecords(records, async (ask) => {
    const pages = await allPages(ask, { by: 'fingerprint', radius: 2 }, 100)
    const groups = pages.flatMap((page) => page.groups)
    const cut = groups.filter(({ complete }) => !complete)
    assert.ok(cut.length > 0 && cut.length <= pages.length)
    assert.ok(cut.every(({ ids }) => ids.length === 1000))
    assert.deepEqual(
      groups.filter(({ complete }) => complete).map(({ ids }) => ids),
      expected,
    )
  })
})

test('a cursor of another radius is refused, and so is a radius that no fingerprint has', async () => {
  await withRecords(chains(100), async (ask) => {
    const { cursor } = await ask({ by: 'fingerprint', radius: 5, limit: 1, cursor: null })
    assert.ok(cursor)
    await assert.rejects(ask({ by: 'fingerprint', radius: 4, limit: 1, cursor }), {
      code: 'INVALID_CURSOR',
    })
    for (const radius of [0.5, 17]) {
      await assert.rejects(ask({ by: 'fingerprint', radius, limit: 1, cursor: null }), {
        code: 'INVALID_REQUEST',
      })
    }
  })
})

/** A collection of so many records, none near another, and what is asked of it. */
function lonely(records: number) {
  const ids = Array.from({ length: records }, (_, i) => `r${i}`.padStart(8, '0'))
  const asked: string[] = []
  const collection = {
    async scroll({ after, limit }: { readonly after: string | null; readonly limit: number }) {
      const first = after === null ? 0 : ids.indexOf(after) + 1
      return ids.slice(first, first + limit).map((id) => ({ id }))
    },
  }
  const generation = {
    spec: { name: 'lonely' },
    generation: 0,
    withoutFingerprint: 0,
    vector: async () => Float32Array.of(1),
    async search(_query: unknown, signal?: AbortSignal) {
      signal?.throwIfAborted()
      asked.push('')
      await new Promise(setImmediate)
      return { matches: [] }
    },
    async nearFingerprints(id: string) {
      asked.push(id)
      return [id]
    },
  }
  return { asked, collection: collection as never, generation: generation as never }
}

const EVERYTHING = { radius: 1, limit: 100, cursor: null } as const

for (const by of ['embedding', 'fingerprint'] as const) {
  test(`by ${by}, nobody's neighbours are looked for once nobody waits`, async () => {
    const { asked, collection, generation } = lonely(2000)
    const caller = new AbortController()
    const answer = duplicates(
      { ...EVERYTHING, by },
      collection,
      generation,
      undefined,
      caller.signal,
    )
    while (asked.length < 40) await new Promise(setImmediate)
    caller.abort(new Error('gone'))
    await assert.rejects(answer, /gone/)
    assert.ok(asked.length < 100, `${asked.length} were looked for`)
  })

  test(`by ${by}, an answer ends after what it may cost, with a cursor`, async () => {
    const { asked, collection, generation } = lonely(2000)
    const dear = { neighbourhoods: 64, ms: 1e9, clock: () => 0 }
    const first = await duplicates({ ...EVERYTHING, by }, collection, generation, dear)
    assert.deepEqual([asked.length, first.complete], [64, false])
    assert.notEqual(first.cursor, null)
    let now = 0
    const long = { neighbourhoods: 1e9, ms: 10, clock: () => now++ }
    const next = { ...EVERYTHING, by, cursor: first.cursor }
    const second = await duplicates(next, collection, generation, long)
    assert.equal(second.complete, false)
    assert.ok(asked.length > 64 && asked.length < 500, `${asked.length} were looked for`)
  })
}

test('by fingerprint, other requests have their turn between two records', async () => {
  const { asked, collection, generation } = lonely(600)
  let turns = 0
  let ended = false
  const turn = () => {
    turns++
    if (!ended) setImmediate(turn)
  }
  setImmediate(turn)
  await duplicates({ ...EVERYTHING, by: 'fingerprint' }, collection, generation)
  ended = true
  assert.equal(asked.length, 600)
  assert.ok(turns >= 600, `${turns} turns`)
})
