import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { openRecordStore } from '../../../../src/engine/embedded/store/record-store.ts'
import { allVectors, rejectsWith } from '../../../support/describe-record-store.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { withSqliteStore } from '../../../support/open-sqlite-store.ts'
import { sampleRecord, sampleSpec, vectorOf } from '../../../support/sample-records.ts'

function countRows(folder: string, table: string): number {
  const database = new Database(join(folder, 'lookalike.sqlite'))
  try {
    return database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!
  } finally {
    database.close()
  }
}

test('many puts at once are all there after reopening, but for those refused', async () => {
  await inTemporaryFolder(async (folder) => {
    const ids = Array.from({ length: 3000 }, (_, i) => `id-${i}`)
    const isBad = (i: number) => i % 10 === 3
    const collection = await withSqliteStore({ folder }, async (store) => {
      const { key } = await store.createCollection(sampleSpec())
      const results = await Promise.allSettled(
        ids.map((id, i) =>
          store.put(key, sampleRecord(id, { vector: vectorOf(id, isBad(i) ? 3 : 4) })),
        ),
      )
      assert.deepEqual(
        results.map(({ status }) => status === 'rejected'),
        ids.map((_, i) => isBad(i)),
      )
      return key
    })
    await withSqliteStore({ folder }, async (store) => {
      const found = (await allVectors(store, collection)).flatMap((batch) => batch.ids)
      assert.deepEqual(
        found,
        ids.filter((_, i) => !isBad(i)),
      )
    })
  })
})

test('calls beyond the bound are refused and the others are answered', async () => {
  await inTemporaryFolder(async (folder) => {
    await withSqliteStore({ folder, maxQueued: 5 }, async (store) => {
      const { key } = await store.createCollection(sampleSpec())
      const puts = Array.from({ length: 8 }, (_, i) => store.put(key, sampleRecord(`id-${i}`)))
      for (const refused of puts.splice(5)) await rejectsWith('QUEUE_FULL', refused)
      assert.equal((await Promise.all(puts)).length, 5)
      await store.put(key, sampleRecord('later'))
    })
  })
})

test('bounds that are not positive integers are refused', async () => {
  await inTemporaryFolder(async (folder) => {
    await rejectsWith('CONFIG_INVALID', openRecordStore({ folder, maxQueued: 0 }))
    await rejectsWith('CONFIG_INVALID', openRecordStore({ folder, maxQueuedBytes: NaN }))
  })
})

test('changes carry the time of the given clock', async () => {
  await inTemporaryFolder(async (folder) => {
    let time = Date.UTC(2026, 0, 1)
    const now = () => new Date(time)
    await withSqliteStore({ folder, now }, async (store) => {
      const { key, createdAt } = await store.createCollection(sampleSpec())
      await store.put(key, sampleRecord('a'))
      time += 1000
      const patched = await store.patchMetadata(key, 'a', { n: 1 })
      assert.equal(createdAt, '2026-01-01T00:00:00.000Z')
      assert.equal(patched?.updatedAt, '2026-01-01T00:00:01.000Z')
    })
  })
})

test('a vector is held as little-endian float32', async () => {
  await inTemporaryFolder(async (folder) => {
    await withSqliteStore({ folder }, async (store) => {
      const { key } = await store.createCollection(sampleSpec())
      await store.put(key, sampleRecord('a', { vector: Float32Array.of(1, -2.5, 3e-20, 0) }))
    })
    const database = new Database(join(folder, 'lookalike.sqlite'))
    const blob = database.prepare<[], Uint8Array>('SELECT vector FROM records').pluck().get()!
    database.close()
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
    assert.deepEqual(
      [0, 4, 8, 12].map((at) => view.getFloat32(at, true)),
      [1, -2.5, Math.fround(3e-20), 0],
    )
  })
})

test('a walk over vectors gives what was there when it began and is still there', async () => {
  await inTemporaryFolder(async (folder) => {
    await withSqliteStore({ folder }, async (store) => {
      const { key } = await store.createCollection(sampleSpec())
      const ids = Array.from({ length: 2500 }, (_, i) => `id-${i}`)
      const puts = await Promise.all(ids.map((id) => store.put(key, sampleRecord(id))))
      const seen: string[] = []
      for await (const batch of store.vectors(key, { generation: 0, after: 0, upto: null })) {
        if (seen.length === 0) {
          await store.put(key, sampleRecord('new'))
          await store.put(key, sampleRecord('id-2400'))
          await store.deleteKeys(key, [puts[2300]!.key])
        }
        seen.push(...batch.ids)
      }
      assert.deepEqual(
        seen,
        ids.filter((id) => id !== 'id-2400' && id !== 'id-2300'),
      )
    })
  })
})

test('a purge that was cut short goes on at the next start', async () => {
  await inTemporaryFolder(async (folder) => {
    const content = { mediaType: 'image/webp', bytes: new Uint8Array(3000) }
    const rows = 1000
    const kept = await withSqliteStore({ folder }, async (store) => {
      const dropped = await store.createCollection(sampleSpec({ name: 'dropped' }))
      const { key } = await store.createCollection(sampleSpec({ name: 'kept' }))
      for (const collection of [dropped.key, key]) {
        await Promise.all(
          Array.from({ length: rows }, (_, i) =>
            store.put(collection, sampleRecord(`id-${i}`, { content })),
          ),
        )
      }
      return key
    })
    const database = new Database(join(folder, 'lookalike.sqlite'))
    database.exec(`UPDATE collections SET dropped = 1 WHERE name = 'dropped'`)
    database.close()
    assert.equal(countRows(folder, 'contents'), 2 * rows)
    // Each start frees a slice at least, whatever time it is given.
    for (let start = 0; start < 10 && countRows(folder, 'collections') > 1; start++) {
      await withSqliteStore({ folder }, async (store) => {
        const all = await store.page(kept, { after: null, limit: 2 * rows, filter: null })
        assert.equal(all.length, rows)
      })
    }
    assert.equal(countRows(folder, 'records'), rows)
    assert.equal(countRows(folder, 'contents'), rows)
    assert.equal(countRows(folder, 'collections'), 1)
  })
})

test('a drop frees the rows while the store goes on', async () => {
  await inTemporaryFolder(async (folder) => {
    await withSqliteStore({ folder }, async (store) => {
      const { key } = await store.createCollection(sampleSpec())
      const ids = Array.from({ length: 1000 }, (_, i) => `id-${i}`)
      await Promise.all(ids.map((id) => store.put(key, sampleRecord(id))))
      await store.dropCollection(key)
      const next = await store.createCollection(sampleSpec())
      // The writer frees a slice after eight commits at most.
      for (let n = 0; n < 60; n++) await store.put(next.key, sampleRecord('a', { metadata: { n } }))
    })
    assert.equal(countRows(folder, 'records'), 1)
    assert.equal(countRows(folder, 'collections'), 1)
  })
})

test('closing leaves the database in one file, beside the reserve', async () => {
  await inTemporaryFolder(async (folder) => {
    await withSqliteStore({ folder }, async (store) => {
      await store.createCollection(sampleSpec())
    })
    assert.deepEqual(readdirSync(folder), ['lookalike.sqlite', 'reserve'])
    assert.equal(countRows(folder, 'collections'), 1)
  })
})
