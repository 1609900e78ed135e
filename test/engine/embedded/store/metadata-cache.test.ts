import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openForReading, openForWriting } from '../../../../src/engine/embedded/store/database.ts'
import {
  MetadataCache,
  type MetadataCacheLimits,
} from '../../../../src/engine/embedded/store/metadata-cache.ts'
import { WriteOperations } from '../../../../src/engine/embedded/store/write-operations.ts'
import { parseFilter } from '../../../../src/engine/filter.ts'
import { STOPPED, type StopSign } from '../../../../src/threads/stop-flags.ts'
import { Turns } from '../../../../src/threads/turns.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { sampleSpec, vectorOf } from '../../../support/sample-records.ts'

const AT = '2026-01-01T00:00:00.000Z'
const STEPS = 400
const COLLECTIONS = 3
const IDS = 40

interface Live {
  readonly key: number
  readonly n: number
}

/** Random changes, mirrored in plain maps that are asked the same questions as the cache. */
async function compareWithPlainMaps(
  path: string,
  seed: number,
  limits: Partial<MetadataCacheLimits>,
  loseTombstones: boolean,
): Promise<void> {
  const random = seededRandom(seed)
  const draw = (below: number) => Math.floor(random() * below)
  const writing = openForWriting(path)
  const operations = new WriteOperations(writing)
  const reading = openForReading(path)
  const cache = new MetadataCache(reading, limits)
  const collections = Array.from({ length: COLLECTIONS }, (_, i) => ({
    key: operations.createCollection({ spec: sampleSpec({ name: `c${i}` }), at: AT }).key,
    live: new Map<string, Live>(),
  }))
  let asked = 0
  for (let step = 0; step < STEPS; step++) {
    const { key: collection, live } = collections[draw(COLLECTIONS)]!
    const id = `id-${draw(IDS)}`
    const n = draw(10)
    const chance = random()
    if (chance < 0.5) {
      const record = { id, vector: vectorOf(id), image: null, content: null }
      const metadata = JSON.stringify({ n })
      const { key } = operations.put({ collection, record: { ...record, metadata }, at: AT })
      live.set(id, { key, n })
    } else if (chance < 0.65) {
      operations.patchMetadata({ collection, id, patch: JSON.stringify({ n }), at: AT })
      const before = live.get(id)
      if (before !== undefined) live.set(id, { ...before, n })
    } else if (chance < 0.8) {
      const before = live.get(id)
      if (before !== undefined) operations.deleteKeys({ collection, keys: [before.key] })
      live.delete(id)
    } else {
      const found = await cache.matching(collection, parseFilter({ n: { $gte: n } }))
      const expected = [...live.values()].filter((record) => record.n >= n)
      assert.deepEqual(
        found.toSorted(),
        Float64Array.from(expected, (record) => record.key).sort(),
        `seed ${seed}, step ${step}`,
      )
      asked++
    }
    operations.stampSeq()
    if (loseTombstones) writing.exec('DELETE FROM tombstones')
  }
  assert.ok(asked > 20, `seed ${seed}`)
  reading.close()
  writing.close()
}

for (const { words, limits = {}, loseTombstones = false } of [
  { words: 'within its bounds' },
  { words: 'when tombstones are gone', loseTombstones: true },
  { words: 'when only one collection fits', limits: { maxRecords: IDS } },
  { words: 'when no collection fits', limits: { maxRecords: 1 } },
  { words: 'when few bytes fit', limits: { maxBytes: 200 } },
]) {
  test(`filters match the same records as plain maps do, ${words}`, async () => {
    for (const seed of [1, 2, 3]) {
      await inTemporaryFolder(async (folder) => {
        await compareWithPlainMaps(join(folder, 'x.sqlite'), seed, limits, loseTombstones)
      })
    }
  })
}

const RECORDS = 400
const UNCACHED = { maxRecords: 1 }
/** So long that each record costs a look at the clock. */
const LONG = 'x'.repeat(10_000)

/** A collection of records of `n` 0 to RECORDS - 1, and a cache that takes a slice for every few of them. */
function openCollection(path: string, limits: Partial<MetadataCacheLimits>) {
  const writing = openForWriting(path)
  const operations = new WriteOperations(writing)
  const { key: collection } = operations.createCollection({ spec: sampleSpec(), at: AT })
  const put = writing.transaction((id: string, n: number, text = LONG) => {
    const metadata = JSON.stringify({ n, LONG: text })
    const record = { id, vector: vectorOf(id), image: null, content: null, metadata }
    const { key } = operations.put({ collection, record, at: AT })
    operations.stampSeq()
    return key
  })
  const keys = new Map<string, number>()
  writing.transaction(() => {
    for (let n = 0; n < RECORDS; n++) keys.set(`r${n}`, put(`r${n}`, n))
  })()
  const reading = openForReading(path)
  let now = 0
  const cache = new MetadataCache(reading, limits, new Turns(() => now++))
  return {
    collection,
    cache,
    put,
    keys,
    fill: writing.transaction((records: number) => {
      for (let i = 0; i < records; i++) put(`short ${i}`, i, '')
    }),
    loseTombstones: () => writing.exec('DELETE FROM tombstones'),
    delete: writing.transaction((id: string) => {
      operations.deleteKeys({ collection, keys: [keys.get(id)!] })
      operations.stampSeq()
      keys.delete(id)
    }),
    patch: writing.transaction((id: string, n: number) => {
      operations.patchMetadata({ collection, id, patch: JSON.stringify({ n }), at: AT })
      operations.stampSeq()
    }),
    close() {
      reading.close()
      writing.close()
    },
  }
}

for (const [words, limits] of [
  ['from memory', {}],
  ['from the database', UNCACHED],
] as const) {
  test(`a filter that is stopped ends with its slice, read ${words}`, async () => {
    await inTemporaryFolder(async (folder) => {
      const { cache, collection, close } = openCollection(join(folder, 'x.sqlite'), limits)
      const slicesOf = async (most: number) => {
        let slices = 0
        const stop: StopSign = {
          isSet: false,
          check() {
            if (++slices > most) throw STOPPED
          },
        }
        const filter = parseFilter({ n: { $lt: 10 } })
        const ended = await cache.matching(collection, filter, stop).catch((error) => {
          assert.equal(error, STOPPED)
          return null
        })
        return { slices, found: ended?.length ?? null }
      }
      assert.deepEqual(await slicesOf(3), { slices: 4, found: null })
      const whole = await slicesOf(Number.POSITIVE_INFINITY)
      assert.equal(whole.found, 10)
      assert.ok(whole.slices > 50, `${whole.slices} slices`)
      close()
    })
  })

  test(`a filter finds each record once while records are written between its slices, ${words}`, async () => {
    await inTemporaryFolder(async (folder) => {
      const opened = openCollection(join(folder, 'x.sqlite'), limits)
      const { cache, collection, keys, put } = opened
      // So many conditions that each record costs a look at the clock.
      const all = parseFilter({ $or: Array.from({ length: 300 }, () => ({ n: { $gte: 0 } })) })
      for (const warm of [false, true]) {
        if (warm) await cache.matching(collection, all)
        const before = keys.size
        const idOf = new Map([...keys].map(([id, key]) => [key, id]))
        let ended = false
        const asked = [cache.matching(collection, all)]
        void asked[0]!.finally(() => {
          ended = true
        })
        let writes = 0
        while (!ended && writes < 60) {
          // Others bring the map up to date while the first reads it.
          if (writes % 10 === 5) asked.push(cache.matching(collection, all))
          // The oldest version is replaced, and its record gets a key beyond all others; some are deleted, some are new.
          const [oldest] = keys.keys()
          keys.delete(oldest!)
          const key = put(oldest!, writes)
          keys.set(oldest!, key)
          idOf.set(key, oldest!)
          if (writes < 20) opened.delete([...keys.keys()].at(200)!)
          put(`new ${warm} ${writes}`, -1)
          writes++
          await new Promise(setImmediate)
        }
        assert.ok(writes > 20, `${writes} writes came between`)
        for (const matched of await Promise.all(asked)) {
          const ids = new Set(Array.from(matched, (key) => idOf.get(key)))
          assert.equal(ids.size, matched.length, 'a record was found twice')
          assert.ok(matched.length <= before, `${matched.length} of ${before}`)
          assert.ok(matched.length >= before - 20, `${matched.length} of ${before}`)
        }
        const after = await cache.matching(collection, all)
        assert.deepEqual(after.toSorted(), Float64Array.from(keys.values()).sort())
      }
      opened.close()
    })
  })
}

for (const [words, limits] of [
  ['from memory', {}],
  ['from the database', UNCACHED],
] as const) {
  test(`an answer is that of one moment between the call and its end, ${words}`, async () => {
    for (const seed of [1, 2, 3]) {
      await inTemporaryFolder(async (folder) => {
        const opened = openCollection(join(folder, 'x.sqlite'), limits)
        const { cache, collection, keys } = opened
        const random = seededRandom(seed)
        const draw = (below: number) => Math.floor(random() * below)
        const values = new Map(Array.from({ length: RECORDS }, (_, n) => [`r${n}`, n]))
        const matching = () =>
          [...values].flatMap(([id, n]) => (n < 200 ? [keys.get(id)!] : [])).sort((a, b) => a - b)
        const moments = [matching()]
        const few = parseFilter({ $or: Array.from({ length: 300 }, () => ({ n: { $lt: 200 } })) })
        await cache.matching(collection, few)
        let open = 0
        let changed = 0
        const ask = async () => {
          const first = moments.length - 1
          open++
          const found = Array.from(await cache.matching(collection, few)).sort((a, b) => a - b)
          open--
          const during = moments.slice(first)
          if (during.length > 1) changed++
          const isOne = during.some((moment) => isDeepStrictEqual(moment, found))
          assert.ok(isOne, `seed ${seed}: none of ${during.length} moments`)
        }
        const asked = [ask()]
        for (let write = 0; open > 0 && write < 300; write++) {
          if (write % 10 === 5 && write < 100) asked.push(ask())
          const id = [...keys.keys()][draw(keys.size)]!
          const n = draw(RECORDS)
          const chance = random()
          if (chance < 0.2) {
            opened.delete(id)
            values.delete(id)
          } else if (chance < 0.6) {
            opened.patch(id, n)
            values.set(id, n)
          } else {
            const put = chance < 0.8 ? id : `new ${write}`
            keys.set(put, opened.put(put, n))
            values.set(put, n)
          }
          moments.push(matching())
          await new Promise(setImmediate)
        }
        await Promise.all(asked)
        assert.ok(changed > 2, `seed ${seed}: ${changed} answers with writes between`)
        opened.close()
      })
    }
  })
}

test('versions that ended unseen are looked up in slices', async () => {
  await inTemporaryFolder(async (folder) => {
    const opened = openCollection(join(folder, 'x.sqlite'), {})
    const { cache, collection, keys } = opened
    opened.fill(10_000)
    const long = parseFilter({ LONG: { $ne: '' } })
    const slicesOf = async (expected: number) => {
      let slices = 0
      const stop: StopSign = { isSet: false, check: () => void slices++ }
      assert.equal((await cache.matching(collection, long, stop)).length, expected)
      return slices
    }
    await slicesOf(RECORDS)
    const usual = await slicesOf(RECORDS)
    for (let i = 0; i < 50; i++) opened.delete(`r${i}`)
    opened.loseTombstones()
    const once = await slicesOf(keys.size)
    assert.ok(once > usual + 20, `${once} slices, and ${usual} without such versions`)
    assert.equal(await slicesOf(RECORDS - 50), usual)
    opened.close()
  })
})

test('filters in flight hold one map together, however many writes came between them', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await inTemporaryFolder(async (folder) => {
    const { cache, collection, put, fill, close } = openCollection(join(folder, 'x.sqlite'), {})
    fill(20_000)
    const none = parseFilter({ n: -1 })
    await cache.matching(collection, none)
    collect()
    const before = process.memoryUsage().heapUsed
    const asked: Promise<Float64Array>[] = []
    for (let i = 0; i < 32; i++) {
      put(`new ${i}`, 1)
      asked.push(cache.matching(collection, none))
    }
    collect()
    const grown = process.memoryUsage().heapUsed - before
    // A map of them alone takes about a megabyte.
    assert.ok(grown < 8e6, `${grown} bytes`)
    for (const found of await Promise.all(asked)) assert.equal(found.length, 0)
    close()
  })
})

test('a filter ends although records are written faster than it reads', async () => {
  await inTemporaryFolder(async (folder) => {
    const { cache, collection, put, close } = openCollection(join(folder, 'x.sqlite'), UNCACHED)
    let ended = false
    const found = cache.matching(collection, parseFilter({ n: { $gte: 0 } })).finally(() => {
      ended = true
    })
    let writes = 0
    while (!ended) {
      for (let i = 0; i < 10; i++) put(`r${writes++ % RECORDS}`, 1)
      await new Promise(setImmediate)
    }
    assert.equal((await found).length, RECORDS)
    close()
  })
})

test('two collections that do not fit together are answered side by side', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'x.sqlite')
    const { cache, collection, close } = openCollection(path, { maxRecords: RECORDS })
    const writing = openForWriting(path)
    const operations = new WriteOperations(writing)
    const spec = sampleSpec({ name: 'other' })
    const { key: other } = operations.createCollection({ spec, at: AT })
    const record = { id: 'a', vector: vectorOf('a'), image: null, content: null, metadata: '{}' }
    operations.put({ collection: other, record, at: AT })
    operations.stampSeq()
    const all = parseFilter({})
    const found = await Promise.all([
      cache.matching(collection, all),
      cache.matching(other, all),
      cache.matching(collection, all),
      cache.matching(other, all),
    ])
    assert.deepEqual(
      found.map(({ length }) => length),
      [RECORDS, 1, RECORDS, 1],
    )
    writing.close()
    close()
  })
})
