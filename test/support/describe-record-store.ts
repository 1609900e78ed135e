import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RecordStore } from '../../src/engine/embedded/store/record-store.ts'
import type { VectorBatch } from '../../src/engine/embedded/store/stored-row.ts'
import { parseFilter } from '../../src/engine/filter.ts'
import { MAX_METADATA_BYTES, parseMetadataText } from '../../src/engine/metadata.ts'
import { AppError, type ErrorCode } from '../../src/errors.ts'
import { SAMPLE_IMAGE, sampleRecord, sampleSpec, vectorOf } from './sample-records.ts'

export interface StoreUnderTest {
  readonly store: RecordStore
  /** Closes the store, also one opened again before, and opens another on the same data. */
  reopen(): Promise<RecordStore>
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>
}

/** What every engine of the port RecordStore must do. `open` gives an empty store. */
export function describeRecordStore(name: string, open: () => Promise<StoreUnderTest>): void {
  function fact(words: string, check: (opened: StoreUnderTest) => Promise<void>): void {
    test(words, async () => {
      const opened = await open()
      try {
        await check(opened)
      } finally {
        await opened.dispose()
      }
    })
  }

  describe(`${name}: collections`, () => {
    fact('are listed as they were created, also after reopening', async ({ store, reopen }) => {
      assert.deepEqual(await store.collections(), [])
      const specs = [sampleSpec(), sampleSpec({ name: 'Faces', model: 'm', keep: 'original' })]
      const created = [await store.createCollection(specs[0]!)]
      created.push(await store.createCollection(specs[1]!))
      assert.deepEqual(
        created.map(({ spec }) => spec),
        specs,
      )
      assert.deepEqual(await store.collections(), created)
      for (const { createdAt } of created) {
        assert.equal(new Date(createdAt).toISOString(), createdAt)
      }
      assert.deepEqual(await (await reopen()).collections(), created)
    })

    fact('keep their name to themselves, also against an equal spec', async ({ store }) => {
      await store.createCollection(sampleSpec())
      await rejectsWith('COLLECTION_DIFFERS', store.createCollection(sampleSpec()))
      await rejectsWith('COLLECTION_DIFFERS', store.createCollection(sampleSpec({ dimensions: 5 })))
      assert.equal((await store.collections()).length, 1)
    })

    fact('are gone for every later call once dropped', async ({ store, reopen }) => {
      const { key } = await store.createCollection(sampleSpec())
      const other = await store.createCollection(sampleSpec({ name: 'other' }))
      const { key: record } = await store.put(key, sampleRecord('a'))
      await store.put(other.key, sampleRecord('a'))
      await store.dropCollection(key)
      for (const next of [async () => store, reopen]) {
        const current = await next()
        assert.deepEqual(await current.collections(), [other])
        await everyCallRejects(current, key, record)
        assert.equal((await current.record(other.key, 'a'))?.id, 'a')
      }
    })

    fact('never get the key of one that was dropped', async ({ store, reopen }) => {
      const first = await store.createCollection(sampleSpec())
      await store.put(first.key, sampleRecord('a'))
      await store.dropCollection(first.key)
      const second = await store.createCollection(sampleSpec())
      assert.ok(second.key > first.key)
      assert.deepEqual(await store.page(second.key, { after: null, limit: 9, filter: null }), [])
      await store.dropCollection(second.key)
      const third = await (await reopen()).createCollection(sampleSpec())
      assert.ok(third.key > second.key)
    })

    fact('that never were are told so', async ({ store }) => {
      await everyCallRejects(store, 77, 1)
    })
  })

  describe(`${name}: changes`, () => {
    fact('give back all that was put, also after reopening', async ({ store, reopen }) => {
      const { key: collection } = await store.createCollection(sampleSpec())
      const metadata = parseMetadataText(
        '{"person":"zoë","n":-1.5,"on":true,"none":null,"list":[1,"a"],"in":{"__proto__":{"x":1}}}',
      )
      const content = { mediaType: 'image/webp', bytes: Uint8Array.of(0, 255, 7) }
      const put = await store.put(
        collection,
        sampleRecord('a/ü 😀', { metadata, image: SAMPLE_IMAGE, content }),
      )
      assert.equal(put.replacedKey, null)
      for (const next of [async () => store, reopen]) {
        const current = await next()
        const record = await current.record(collection, 'a/ü 😀')
        assert.ok(record)
        const { updatedAt, ...rest } = record
        assert.equal(new Date(updatedAt).toISOString(), updatedAt)
        assert.deepEqual(rest, {
          key: put.key,
          id: 'a/ü 😀',
          metadata,
          image: SAMPLE_IMAGE,
          hasContent: true,
        })
        assert.equal(JSON.stringify(record.metadata), JSON.stringify(metadata))
        assert.deepEqual(await current.content(collection, 'a/ü 😀'), content)
        const [batch] = await allVectors(current, collection)
        assert.deepEqual(batch?.vectors, vectorOf('a/ü 😀'))
        assert.deepEqual(batch?.fingerprints, [SAMPLE_IMAGE.fingerprint])
      }
    })

    fact('keep every bit of a fingerprint, and tell none from one of zeros', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const fingerprints = ['0'.repeat(16), 'f'.repeat(16), '8000000000000001', null]
      for (const [i, fingerprint] of fingerprints.entries()) {
        await store.put(key, sampleRecord(`id-${i}`, { image: { ...SAMPLE_IMAGE, fingerprint } }))
      }
      await store.patchMetadata(key, 'id-1', { changed: true })
      const records = await store.page(key, { after: null, limit: 9, filter: null })
      assert.deepEqual(
        records.map(({ image }) => image?.fingerprint),
        fingerprints,
      )
      const [batch] = await allVectors(store, key)
      assert.deepEqual(batch?.fingerprints, fingerprints)
    })

    fact('leave the arrays of the caller whole', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const shared = new Float32Array(new SharedArrayBuffer(64)).fill(0.5)
      const pixels = Buffer.from('some bytes of a larger buffer')
      await store.put(key, {
        ...sampleRecord('a', { vector: shared.subarray(4, 8) }),
        content: { mediaType: 'image/png', bytes: pixels.subarray(5, 10) },
      })
      assert.equal(shared.length, 16)
      assert.equal(pixels.toString(), 'some bytes of a larger buffer')
      const kept = await store.content(key, 'a')
      assert.equal(Buffer.from(kept!.bytes).toString(), 'bytes')
      const [batch] = await allVectors(store, key)
      assert.deepEqual(batch?.vectors, Float32Array.of(0.5, 0.5, 0.5, 0.5))
    })

    fact('replace a record by a version of a new key, content and all', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const content = { mediaType: 'image/webp', bytes: Uint8Array.of(1) }
      const first = await store.put(
        key,
        sampleRecord('a', { metadata: { n: 1 }, image: SAMPLE_IMAGE, content }),
      )
      const second = await store.put(key, sampleRecord('a', { vector: vectorOf('b') }))
      assert.equal(second.replacedKey, first.key)
      assert.ok(second.key > first.key)
      const [old, now] = await store.recordsByKey(key, [first.key, second.key])
      assert.equal(old, null)
      assert.deepEqual(
        { ...now, updatedAt: '' },
        {
          key: second.key,
          id: 'a',
          metadata: {},
          image: null,
          hasContent: false,
          updatedAt: '',
        },
      )
      assert.equal(await store.content(key, 'a'), null)
      const [batch] = await allVectors(store, key)
      assert.deepEqual(batch, {
        keys: [second.key],
        ids: ['a'],
        vectors: vectorOf('b'),
        fingerprints: [null],
      })
    })

    fact('never use a key again, also after reopening', async ({ store, reopen }) => {
      const { key } = await store.createCollection(sampleSpec())
      const first = await store.put(key, sampleRecord('a'))
      await store.deleteKeys(key, [first.key])
      const second = await store.put(key, sampleRecord('a'))
      assert.equal(second.replacedKey, null)
      await store.deleteKeys(key, [second.key])
      const third = await (await reopen()).put(key, sampleRecord('a'))
      assert.ok(first.key < second.key && second.key < third.key)
    })

    fact('refuse a vector of other dimensions', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const put = store.put(key, sampleRecord('a', { vector: vectorOf('a', 5) }))
      await rejectsWith('DIMENSION_MISMATCH', put)
      assert.equal(await store.record(key, 'a'), null)
    })

    fact('merge a patch into the metadata and keep the key', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const put = await store.put(
        key,
        sampleRecord('a', {
          metadata: { a: 1, b: { c: 2, d: 3 } },
          image: SAMPLE_IMAGE,
        }),
      )
      const patched = await store.patchMetadata(key, 'a', { a: null, b: { c: 4 }, e: [5] })
      assert.deepEqual(patched?.metadata, { b: { c: 4, d: 3 }, e: [5] })
      assert.equal(patched.key, put.key)
      assert.deepEqual(await store.record(key, 'a'), patched)
      assert.equal(await store.patchMetadata(key, 'b', { a: 1 }), null)
    })

    fact('refuse a patch whose result is too large, and leave the record', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const half = 'x'.repeat(MAX_METADATA_BYTES * 0.6)
      await store.put(key, sampleRecord('a', { metadata: { half } }))
      await rejectsWith('INVALID_METADATA', store.patchMetadata(key, 'a', { other: half }))
      assert.deepEqual((await store.record(key, 'a'))?.metadata, { half })
    })

    fact('delete versions by key, so that one replaced meanwhile stays', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const other = await store.createCollection(sampleSpec({ name: 'other' }))
      const foreign = await store.put(other.key, sampleRecord('a'))
      const a = await store.put(key, sampleRecord('a'))
      const b = await store.put(key, sampleRecord('b'))
      const newer = await store.put(key, sampleRecord('a'))
      const asked = [a.key, b.key, foreign.key, 9999, b.key]
      assert.deepEqual(await store.deleteKeys(key, asked), {
        deleted: [b.key],
        left: 0,
        vectors: 1,
        contents: 0,
      })
      assert.equal((await store.record(key, 'a'))?.key, newer.key)
      assert.equal(await store.record(key, 'b'), null)
      assert.equal((await store.record(other.key, 'a'))?.key, foreign.key)
    })

    fact('resolve in the order of their commits', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const settled: string[] = []
      const expected: string[] = []
      const calls: Promise<unknown>[] = []
      for (let i = 0; i < 200; i++) {
        const changes = [
          store.put(key, sampleRecord(`r${i}`)),
          store.patchMetadata(key, `r${i}`, { i }),
          store.createCollection(sampleSpec({ name: 'faces' })),
          store.deleteKeys(key, [i]),
        ]
        changes.forEach((change, c) => {
          const name = `${i}.${c}`
          expected.push(name)
          const note = () => settled.push(name)
          calls.push(change.then(note, note))
        })
      }
      await Promise.all(calls)
      assert.deepEqual(settled, expected)
    })
  })

  describe(`${name}: reads`, () => {
    fact('walk all vectors of one collection in key order', async ({ store }) => {
      const dimensions = 900
      const { key } = await store.createCollection(sampleSpec({ dimensions }))
      const other = await store.createCollection(sampleSpec({ name: 'other' }))
      const ids = Array.from({ length: 2500 }, (_, i) => `id-${(i * 7919) % 2500}`)
      const puts = ids.map((id) =>
        store.put(key, sampleRecord(id, { vector: vectorOf(id, dimensions) })),
      )
      puts.push(store.put(other.key, sampleRecord('foreign')))
      await Promise.all(puts)
      await store.put(key, sampleRecord(ids[0]!, { vector: vectorOf('new', dimensions) }))
      const batches = await allVectors(store, key)
      const keys = batches.flatMap((batch) => batch.keys)
      assert.ok(batches.length > 1)
      assert.deepEqual(
        batches.flatMap((batch) => batch.ids),
        [...ids.slice(1), ids[0]],
      )
      assert.deepEqual(
        keys,
        keys.toSorted((a, b) => a - b),
      )
      const seen = new Map<string, Float32Array>()
      for (const batch of batches) {
        assert.equal(batch.vectors.length, batch.keys.length * dimensions)
        batch.ids.forEach((id, i) => {
          seen.set(id, batch.vectors.slice(i * dimensions, (i + 1) * dimensions))
        })
      }
      for (const id of ids.slice(1)) assert.deepEqual(seen.get(id), vectorOf(id, dimensions))
      assert.deepEqual(seen.get(ids[0]!), vectorOf('new', dimensions))
      assert.deepEqual(await allVectors(store, other.key).then((b) => b.map((x) => x.ids)), [
        ['foreign'],
      ])
    })

    fact('find records by key in the order asked', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const other = await store.createCollection(sampleSpec({ name: 'other' }))
      const a = await store.put(key, sampleRecord('a'))
      const b = await store.put(key, sampleRecord('b', { metadata: { n: 2 } }))
      const foreign = await store.put(other.key, sampleRecord('c'))
      const found = await store.recordsByKey(key, [b.key, 9999, a.key, foreign.key, b.key])
      assert.deepEqual(
        found.map((record) => record?.id),
        ['b', undefined, 'a', undefined, 'b'],
      )
      assert.equal(found[1], null)
      assert.deepEqual(found[0]?.metadata, { n: 2 })
      assert.deepEqual(await store.recordsByKey(key, []), [])
    })

    fact('answer null for what is not there', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      await store.put(key, sampleRecord('a'))
      assert.equal(await store.record(key, 'b'), null)
      assert.equal(await store.content(key, 'a'), null)
      assert.equal(await store.content(key, 'b'), null)
    })

    fact('page in the order of code points, from after an id', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const inOrder = ['A', 'B', 'a', 'a/b', 'aa', 'b', 'é', '\uffee', '😀', '😁']
      for (const id of [...inOrder].reverse()) await store.put(key, sampleRecord(id))
      const ids = async (after: string | null, limit: number) =>
        (await store.page(key, { after, limit, filter: null })).map((record) => record.id)
      assert.deepEqual(await ids(null, 99), inOrder)
      assert.deepEqual(await ids(null, 3), ['A', 'B', 'a'])
      assert.deepEqual(await ids('a', 3), ['a/b', 'aa', 'b'])
      assert.deepEqual(await ids('aZ', 1), ['aa'])
      assert.deepEqual(await ids('\uffee', 9), ['😀', '😁'])
      assert.deepEqual(await ids('😁', 9), [])
    })

    fact('page through a filter without losing or adding records', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const all = Array.from({ length: 3000 }, (_, n) => ({
        id: `id-${String(n).padStart(5, '0')}`,
        n,
      }))
      await Promise.all(
        all.map(({ id, n }) => store.put(key, sampleRecord(id, { metadata: { n } }))),
      )
      const filter = parseFilter({ n: { $in: [3, 1500, 1501, 2998] } })
      const found: string[] = []
      let after: string | null = null
      for (;;) {
        const page = await store.page(key, { after, limit: 3, filter })
        found.push(...page.map((record) => record.id))
        if (page.length < 3) break
        after = page.at(-1)!.id
      }
      assert.deepEqual(found, ['id-00003', 'id-01500', 'id-01501', 'id-02998'])
      const unfiltered = await store.page(key, { after: null, limit: 2500, filter: null })
      assert.deepEqual(
        unfiltered.map((record) => record.id),
        all.slice(0, 2500).map((record) => record.id),
      )
    })

    fact('match a filter against the metadata of now', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const other = await store.createCollection(sampleSpec({ name: 'other' }))
      await store.put(other.key, sampleRecord('foreign', { metadata: { n: 1 } }))
      const filter = parseFilter({ n: 1 })
      const matching = async () => [...(await store.matching(key, filter))].sort((x, y) => x - y)
      assert.deepEqual(await matching(), [])
      const a = await store.put(key, sampleRecord('a', { metadata: { n: 1 } }))
      const b = await store.put(key, sampleRecord('b', { metadata: { n: 2 } }))
      assert.deepEqual(await matching(), [a.key])
      await store.patchMetadata(key, 'b', { n: 1 })
      assert.deepEqual(await matching(), [a.key, b.key])
      const c = await store.put(key, sampleRecord('a', { metadata: { n: 1 } }))
      assert.deepEqual(await matching(), [b.key, c.key])
      await store.deleteKeys(key, [b.key])
      assert.deepEqual(await matching(), [c.key])
      assert.ok((await store.matching(key, filter)) instanceof Float64Array)
    })

    fact('give summaries in the order asked', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      await store.put(key, sampleRecord('a', { image: SAMPLE_IMAGE }))
      await store.put(key, sampleRecord('b'))
      const other = { ...SAMPLE_IMAGE, contentHash: 'b'.repeat(64) }
      await store.put(key, sampleRecord('c', { image: other, metadata: { n: 1 } }))
      const { metadata } = sampleRecord('a')
      assert.deepEqual(await store.summaries(key, ['c', 'x', 'b', 'a']), [
        { contentHash: 'b'.repeat(64), metadata: { n: 1 } },
        null,
        { contentHash: null, metadata },
        { contentHash: 'a'.repeat(64), metadata },
      ])
      const many = Array.from({ length: 3000 }, (_, i) => (i === 2500 ? 'a' : `none-${i}`))
      const found = await store.summaries(key, many)
      assert.equal(found.length, 3000)
      assert.equal(
        found.findIndex((summary) => summary !== null),
        2500,
      )
    })

    fact('count bytes that grow with a record and shrink without it', async ({ store }) => {
      const { key } = await store.createCollection(sampleSpec())
      const empty = await store.bytes(key)
      const content = { mediaType: 'image/webp', bytes: new Uint8Array(50_000) }
      const put = await store.put(key, sampleRecord('a', { content }))
      const full = await store.bytes(key)
      assert.ok(full - empty >= 50_000 && full - empty < 60_000, `${empty} to ${full}`)
      await store.put(key, sampleRecord('b', { metadata: { text: 'x'.repeat(1000) } }))
      await store.patchMetadata(key, 'b', { text: null })
      const b = await store.record(key, 'b')
      await store.deleteKeys(key, [put.key, b!.key])
      assert.equal(await store.bytes(key), empty)
    })
  })

  describe(`${name}: close`, () => {
    fact('finishes what was accepted and refuses what comes later', async ({ store, reopen }) => {
      const { key } = await store.createCollection(sampleSpec())
      const puts = Array.from({ length: 50 }, (_, i) => store.put(key, sampleRecord(`r${i}`)))
      const reads = Array.from({ length: 50 }, () => store.collections())
      const closed = store.close()
      await rejectsWith('SHUTTING_DOWN', store.put(key, sampleRecord('late')))
      await rejectsWith('SHUTTING_DOWN', store.record(key, 'late'))
      await closed
      await Promise.all(puts)
      for (const read of reads) assert.equal((await read).length, 1)
      await rejectsWith('SHUTTING_DOWN', store.collections())
      const page = await (await reopen()).page(key, { after: null, limit: 99, filter: null })
      assert.equal(page.length, 50)
    })

    fact('may be asked for twice', async ({ store }) => {
      await Promise.all([store.close(), store.close()])
      await store.close()
    })
  })
}

export async function rejectsWith(code: ErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof AppError, `expected an AppError, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    return true
  })
}

export async function allVectors(store: RecordStore, collection: number): Promise<VectorBatch[]> {
  const batches: VectorBatch[] = []
  const stored = (await store.collections()).find(({ key }) => key === collection)
  // A dropped collection is not listed: the walk itself must then refuse it.
  const generation = stored?.generation ?? 0
  for await (const batch of store.vectors(collection, { generation, after: 0, upto: null })) {
    batches.push({ ...batch, vectors: batch.vectors.slice() })
  }
  return batches
}

async function everyCallRejects(store: RecordStore, collection: number, key: number) {
  const filter = parseFilter({})
  const page = { after: null, limit: 9 }
  const calls: Promise<unknown>[] = [
    store.dropCollection(collection),
    store.put(collection, sampleRecord('a')),
    store.patchMetadata(collection, 'a', {}),
    store.deleteKeys(collection, [key]),
    allVectors(store, collection),
    store.record(collection, 'a'),
    store.recordsByKey(collection, [key]),
    store.content(collection, 'a'),
    store.page(collection, { ...page, filter: null }),
    store.page(collection, { ...page, filter }),
    store.matching(collection, filter),
    store.summaries(collection, ['a']),
    store.bytes(collection),
  ]
  await Promise.all(calls.map((call) => rejectsWith('COLLECTION_NOT_FOUND', call)))
}
