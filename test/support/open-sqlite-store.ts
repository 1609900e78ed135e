import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  openRecordStore,
  type RecordStoreOptions,
} from '../../src/engine/embedded/store/record-store.ts'
import type { StoreUnderTest } from './describe-record-store.ts'

/** A store in a folder of its own. */
export async function openSqliteStore(): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
  const store = await openRecordStore({ folder })
  let current = store
  return {
    store,
    async reopen() {
      await current.close()
      current = await openRecordStore({ folder })
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
  options: RecordStoreOptions,
  use: (store: Awaited<ReturnType<typeof openRecordStore>>) => Promise<Result>,
): Promise<Result> {
  const store = await openRecordStore(options)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
