import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  openSqliteRecordStore,
  type SqliteRecordStoreOptions,
} from '../../src/engine/embedded/store/sqlite-record-store.ts'
import type { StoreUnderTest } from './describe-record-store.ts'

/** A store in a folder of its own. */
export async function openSqliteStore(): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
  const store = await openSqliteRecordStore({ folder })
  let current = store
  return {
    store,
    async reopen() {
      await current.close()
      current = await openSqliteRecordStore({ folder })
      return current
    },
    async dispose() {
      await current.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Opens a store, hands it over and closes it. */
export async function withSqliteStore<Result>(
  options: SqliteRecordStoreOptions,
  use: (store: Awaited<ReturnType<typeof openSqliteRecordStore>>) => Promise<Result>,
): Promise<Result> {
  const store = await openSqliteRecordStore(options)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
