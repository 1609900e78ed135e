import { setTimeout as wait } from 'node:timers/promises'
import type { Generation } from './generation.ts'
import type { RecordStore } from './store/record-store.ts'

/** The time in which files are freed of what was deleted, for who waits for it; then it is done later. */
const WITHIN_MS = 5000
const LOG_AGAIN_AFTER_MS = 50

/** Resolves to whether no file has a byte any more of what was deleted before. */
export async function erasedFromFiles(
  generations: readonly Generation[],
  store: Pick<RecordStore, 'emptyLog'>,
): Promise<boolean> {
  const late = new AbortController()
  const tooLate = wait(WITHIN_MS, false, { signal: late.signal, ref: false })
  const caches = Promise.all(generations.map(({ rows }) => rows.erased())).then(() => true)
  const isDone = await Promise.race([caches, tooLate])
  tooLate.catch(() => undefined)
  late.abort()
  return isDone && (await logIsEmptied(store))
}

async function logIsEmptied(store: Pick<RecordStore, 'emptyLog'>): Promise<boolean> {
  for (let waited = 0; waited < WITHIN_MS; waited += LOG_AGAIN_AFTER_MS) {
    if (await store.emptyLog()) return true
    await wait(LOG_AGAIN_AFTER_MS, undefined, { ref: false })
  }
  return false
}
