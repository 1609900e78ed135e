import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Database, openForWriting } from '../../../../src/engine/embedded/store/database.ts'
import { IdentityReads } from '../../../../src/engine/embedded/store/identity-reads.ts'
import { purgeSlices } from '../../../../src/engine/embedded/store/purge.ts'
import { WriteOperations } from '../../../../src/engine/embedded/store/write-operations.ts'
import { MAX_CHANGES_KEPT } from '../../../../src/engine/identity-store.ts'
import { Turns } from '../../../../src/threads/turns.ts'
import { failsWith } from '../../../support/errors.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { sampleSpec, vectorOf } from '../../../support/sample-records.ts'

const AT = '2026-01-01T00:00:00.000Z'

/** One database, one collection of one record, all within one transaction: nothing waits for the disk. */
async function withCollection(
  work: (parts: {
    readonly database: Database
    readonly operations: WriteOperations
    readonly reads: IdentityReads
    readonly collection: number
    describe(value: number): number
  }) => void,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const database = openForWriting(join(folder, 'changes.sqlite'))
    database.exec('BEGIN')
    const operations = new WriteOperations(database)
    const reads = new IdentityReads(database, new Turns())
    const { key: collection } = operations.createCollection({ spec: sampleSpec(), at: AT })
    const record = { id: 'a', vector: vectorOf('a'), image: null, content: null, metadata: '{}' }
    operations.put({ collection, record, at: AT })
    let before: string | null = null
    const describe = (value: number) => {
      const after = `{"n":${value}}`
      const effect = { kind: 'metadata', subject: '"ann"', before, after } as const
      const change = { kind: 'describe', what: '{}', by: null, undoes: null, at: AT } as const
      const made = operations.changeIdentities({
        collection,
        field: 'who',
        ...change,
        effects: [effect],
      })
      before = after
      return made.change
    }
    work({ database, operations, reads, collection, describe })
    database.exec('COMMIT')
    database.close()
  })
}

function countOf(database: Database, table: string): unknown {
  return database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
}

test('the newest changes are kept, and the oldest forgotten with their effects', async () => {
  await withCollection(({ database, reads, collection, describe }) => {
    for (let i = 1; i <= MAX_CHANGES_KEPT + 5; i++) assert.equal(describe(i), i)
    assert.equal(countOf(database, 'identity_changes'), MAX_CHANGES_KEPT)
    assert.equal(countOf(database, 'identity_effects'), MAX_CHANGES_KEPT)
    assert.equal(reads.past({ collection, change: 5 }), null)
    assert.notEqual(reads.past({ collection, change: 6 }), null)
    assert.deepEqual(
      reads.history({ collection, below: null, limit: 2 }).map(({ change }) => change),
      [MAX_CHANGES_KEPT + 5, MAX_CHANGES_KEPT + 4],
    )
  })
})

test('of changes that changed much, fewer are kept', async () => {
  await withCollection(({ database, reads, collection, describe }) => {
    for (let i = 1; i <= 6; i++) describe(i)
    database.exec('UPDATE identity_changes SET all_effects = number * 400000')
    describe(7)
    const kept = reads.history({ collection, below: null, limit: 9 }).map(({ change }) => change)
    assert.deepEqual(kept, [7, 6, 5, 4])
  })
})

test('a change of more metadata than is read at once is refused', async () => {
  await withCollection(({ operations, collection }) => {
    const metadata = JSON.stringify({ long: 'x'.repeat(60_000) })
    const ids = Array.from({ length: 150 }, (_, i) => `r${i}`)
    for (const id of ids) {
      const record = { id, vector: vectorOf(id), image: null, content: null, metadata }
      operations.put({ collection, record, at: AT })
    }
    const effects = ids.map((id) => {
      return { kind: 'record', subject: JSON.stringify(id), before: null, after: '"ann"' } as const
    })
    const change = { kind: 'assign', what: '{}', by: null, undoes: null, at: AT } as const
    const asked = { collection, field: 'who', ...change }
    assert.throws(
      () => operations.changeIdentities({ ...asked, effects }),
      failsWith('IDENTITY_TOO_LARGE'),
    )
  })
})

test('with its collection all that is known of identities is purged', async () => {
  await withCollection(({ database, operations, collection, describe }) => {
    for (let i = 1; i <= 3; i++) describe(i)
    operations.dropCollection({ collection })
    database.exec('COMMIT')
    const purge = purgeSlices(database)
    let slices = 0
    while (purge()) assert.ok(++slices < 20)
    for (const table of ['collections', 'identity_facts', 'identity_changes', 'identity_effects']) {
      assert.equal(countOf(database, table), 0, table)
    }
    database.exec('BEGIN')
  })
})

test('of a record with two values of the field none is taken away, as an undo could not put both back', async () => {
  await withCollection(({ operations, collection }) => {
    const put = (id: string, metadata: string) => {
      const record = { id, vector: vectorOf(id), image: null, content: null, metadata }
      operations.put({ collection, record, at: AT })
    }
    const take = (id: string) => {
      const effect = { kind: 'record', subject: `"${id}"`, before: '"ann"', after: null } as const
      const change = { kind: 'assign', what: '{}', by: null, undoes: null, at: AT } as const
      const asked = { collection, field: 'person.name', ...change, effects: [effect] }
      return operations.changeIdentities(asked)
    }
    put('one', '{"person":{"name":"ann"}}')
    put('two', '{"person.name":"ann","person":{"name":"bob"}}')
    assert.equal(take('one').change, 1)
    assert.throws(() => take('two'), failsWith('INVALID_METADATA'))
  })
})
