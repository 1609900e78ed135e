import { StoreThreadCalls, type ThreadLimits } from './store-thread-calls.ts'
import type { CallTable, ReaderCalls, WriterCalls } from './thread-protocol.ts'

export interface StoreThreads {
  readonly writer: StoreThreadCalls<WriterCalls>
  /** For calls that are quick. */
  readonly reader: StoreThreadCalls<ReaderCalls>
  /** For calls that read a whole collection. */
  readonly scanner: StoreThreadCalls<ReaderCalls>
}

// Compiled code runs, so the threads' files end in .js.
const WRITER_FILE = new URL('./writer-thread.js', import.meta.url)
const READER_FILE = new URL('./reader-thread.js', import.meta.url)

/**
 * Starts the writer, which makes the database where there is none, then the readers. When one cannot
 * start, none is left. @throws DATA_FOLDER_UNUSABLE, STORE_FAILED.
 */
export async function openStoreThreads(path: string, limits: ThreadLimits): Promise<StoreThreads> {
  const writer = await open(new StoreThreadCalls<WriterCalls>(WRITER_FILE, 'writer', path, limits))
  const reader = new StoreThreadCalls<ReaderCalls>(READER_FILE, 'reader', path, limits)
  const scanner = new StoreThreadCalls<ReaderCalls>(READER_FILE, 'scanner', path, limits)
  const opened = await Promise.allSettled([open(reader), open(scanner)])
  const failed = opened.find((result) => result.status === 'rejected')
  if (failed === undefined) return { writer, reader, scanner }
  await Promise.all([reader.abandon(), scanner.abandon()])
  await writer.close()
  throw failed.reason
}

/** The writer goes last: only it can empty the write-ahead log, and only when nobody reads. */
export async function closeStoreThreads({ writer, reader, scanner }: StoreThreads): Promise<void> {
  writer.refuse()
  const results = await Promise.allSettled([reader.close(), scanner.close()])
  results.push(...(await Promise.allSettled([writer.close()])))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function open<Calls extends CallTable>(
  thread: StoreThreadCalls<Calls>,
): Promise<StoreThreadCalls<Calls>> {
  try {
    await thread.opened()
    return thread
  } catch (error) {
    await thread.abandon()
    throw error
  }
}
