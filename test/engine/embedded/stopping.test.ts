import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { EmbeddedCollection } from '../../../src/engine/embedded/embedded-collection.ts'
import type { EmbeddedEngine } from '../../../src/engine/embedded/embedded-engine.ts'
import { openEmbeddedEngine } from '../../../src/engine/embedded/open-embedded-engine.ts'
import { parseFilter } from '../../../src/engine/filter.ts'
import { NEAREST_IDS } from '../../../src/engine/query.ts'
import { AppError } from '../../../src/errors.ts'
import { mapBounded } from '../../../src/scheduling/map-bounded.ts'
import { failsWith } from '../../support/errors.ts'
import { openEngine } from '../../support/open-engine.ts'
import { sampleRecord, sampleSpec } from '../../support/sample-records.ts'

const RECORDS = 10_000
const REASON = new AppError('CANCELLED', 'nobody waits')

/** As costly as a filter may be, and met by no record. */
const COSTLY = parseFilter({
  $or: Array.from({ length: 1024 }, (_, i) => ({ n: { $gt: RECORDS + i } })),
})

let folder: string
let engine: EmbeddedEngine
let collection: EmbeddedCollection

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookalike-test-'))
  engine = await openEngine(folder)
  const { collection: created } = await engine.create(sampleSpec({ dimensions: 1 }))
  collection = created
  const numbers = Array.from({ length: RECORDS }, (_, n) => n)
  await mapBounded(numbers, 512, (n) => {
    const metadata = { n, person: `p${n % 100}`, filler: 'x'.repeat(200) }
    return collection.put(sampleRecord(`r${n}`, { vector: Float32Array.of(n), metadata }))
  })
})

after(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const search = (changes: object) => (signal: AbortSignal) => {
  const { generation, release } = collection.pin()
  const query = { ...NEAREST_IDS, vector: Float32Array.of(1), k: 10, limit: 10, ...changes }
  return generation.search(query, signal).finally(release)
}

/**
 * Work that its thread ends between two slices: were it to run to its end, it would resolve to an answer.
 */
const WORKS: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
  'a count': (signal) => collection.count(COSTLY, signal),
  'a scroll': (signal) => {
    return collection.scroll(
      { after: null, limit: 10, filter: COSTLY, vectors: false, searchable: false },
      signal,
    )
  },
  'a delete by filter': (signal) => collection.delete({ filter: COSTLY }, signal),
  'a search with a filter': search({ filter: COSTLY }),
  'a search by groups': search({ groupBy: 'nothing' }),
  'the first search of identities': (signal) => {
    const { generation, release } = collection.pin()
    const by = { kind: 'vectors', vectors: [Float32Array.of(1)] } as const
    return generation.searchIdentities({ by, k: 10, radius: 1 }, signal).finally(release)
  },
}

for (const [name, work] of Object.entries(WORKS)) {
  test(`${name} ends when nobody waits for it any more`, async () => {
    const caller = new AbortController()
    const result = work(caller.signal)
    // By then the call is on its way.
    await new Promise(setImmediate)
    caller.abort(REASON)
    await assert.rejects(result, (error) => error === REASON)
  })
}

test('after all that, everything is answered', async () => {
  const { signal } = new AbortController()
  assert.equal(await collection.count(parseFilter({ n: { $lt: 7 } }), signal), 7)
  const { generation, release } = collection.pin()
  const by = { kind: 'identity', identity: 'p3' } as const
  const { matches } = await generation.searchIdentities({ by, k: 1, radius: 1e9 }, signal)
  release()
  assert.deepEqual([matches.length, matches[0]?.records], [1, 100])
})

test('a short filter is answered while eight costly ones are under way', async () => {
  const order: string[] = []
  const caller = new AbortController()
  const costly = Array.from({ length: 8 }, () => {
    return collection.count(COSTLY, caller.signal).then(() => order.push('costly'))
  })
  const ended = Promise.allSettled(costly)
  await new Promise(setImmediate)
  await collection.count(parseFilter({ n: 1 }))
  order.push('short')
  caller.abort(REASON)
  await ended
  assert.equal(order[0], 'short')
})

test('of two searches that wait for the identities, one may leave', async () => {
  const other = await engine.create(sampleSpec({ name: 'other', dimensions: 1 }))
  const numbers = Array.from({ length: 1000 }, (_, n) => n)
  await mapBounded(numbers, 512, (n) => {
    const metadata = { person: `p${n % 10}` }
    return other.collection.put(sampleRecord(`r${n}`, { vector: Float32Array.of(n), metadata }))
  })
  const { generation, release } = other.collection.pin()
  const by = { kind: 'vectors', vectors: [Float32Array.of(1)] } as const
  const caller = new AbortController()
  const leaves = generation.searchIdentities({ by, k: 1, radius: 1e9 }, caller.signal)
  const stays = generation.searchIdentities({ by, k: 1, radius: 1e9 })
  caller.abort(REASON)
  await assert.rejects(leaves, (error) => error === REASON)
  assert.equal((await stays).matches.length, 1)
  release()
})

test('a delete that is stopped has deleted whole commits, and no more come', async () => {
  const caller = new AbortController()
  const before = collection.size
  const deletion = collection.delete({ filter: parseFilter({ n: { $gte: 0 } }) }, caller.signal)
  while (collection.size === before) await new Promise(setImmediate)
  caller.abort(REASON)
  await assert.rejects(deletion, (error) => error === REASON)
  const left = collection.size
  assert.ok(left > 0 && left < before, `${left} of ${before}`)
  assert.equal((before - left) % 128, 0)
  assert.equal(await collection.count(null), left)
})

test('an engine that is closed while it loads does not load the rest', async () => {
  await engine.close()
  const opened = await openEmbeddedEngine({
    folder,
    graphFrom: Number.POSITIVE_INFINITY,
    maxCollections: 10,
    onGraphFile: () => undefined,
    onTreeFile: () => undefined,
    onFailure: (error) => {
      throw error
    },
  })
  const closed = opened.close()
  await assert.rejects(opened.loaded, failsWith('SHUTTING_DOWN'))
  await closed
  engine = await openEngine(folder)
})

test('there are no more collections than allowed; an equal one, and one after a drop, is none', async () => {
  const own = await mkdtemp(join(tmpdir(), 'lookalike-test-'))
  const small = await openEmbeddedEngine({
    folder: own,
    graphFrom: Number.POSITIVE_INFINITY,
    maxCollections: 2,
    onGraphFile: () => undefined,
    onTreeFile: () => undefined,
    onFailure: () => undefined,
  })
  await small.loaded
  const create = (name: string) => small.create(sampleSpec({ name, dimensions: 1 }))
  const all = await Promise.allSettled(['a', 'b', 'c', 'd'].map(create))
  assert.deepEqual(
    all.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected'],
  )
  const refused = failsWith('TOO_MANY_COLLECTIONS', 'at most 2 collections', '"e"')
  await assert.rejects(create('e'), refused)
  assert.equal((await create('b')).created, false)
  await small.drop('a')
  assert.equal((await create('e')).created, true)
  await small.close()
  rmSync(own, { recursive: true })
})
