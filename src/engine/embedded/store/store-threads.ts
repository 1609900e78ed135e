import { AppError } from '../../../errors.ts'
import type { CallTable } from '../../../threads/call-table.ts'
import { ThreadClient } from '../../../threads/thread-client.ts'
import { codedError } from '../../../threads/thread-error.ts'
import type { ThreadDeath } from '../../../threads/thread-options.ts'
import type { ReaderCalls, StoreThreadData, WriterCalls } from './store-calls.ts'

export interface StoreThreads {
  readonly writer: ThreadClient<WriterCalls>
  /** For calls that are quick. */
  readonly reader: ThreadClient<ReaderCalls>
  /** For calls that read a whole collection. */
  readonly scanner: ThreadClient<ReaderCalls>
}

export interface StoreThreadLimits {
  /** Calls that wait for an answer of each thread. */
  readonly maxQueued: number
  /** Payload of those calls. One call alone may exceed it. */
  readonly maxQueuedBytes: number
  readonly openWithinMs: number
  readonly closeWithinMs: number
  /** Is called once when a thread ends unasked: every later call will be refused. */
  readonly onFailure: (error: AppError) => void
}

// Compiled code runs, so the threads' files end in .js.
const WRITER_FILE = new URL('./writer-thread.js', import.meta.url)
const READER_FILE = new URL('./reader-thread.js', import.meta.url)

/**
 * Starts the writer, which makes the database where there is none, then the readers. When one cannot
 * start, none is left. @throws DATA_FOLDER_UNUSABLE, STORE_FAILED.
 */
export async function openStoreThreads(
  path: string,
  limits: StoreThreadLimits,
): Promise<StoreThreads> {
  const thread = <Calls extends CallTable>(file: URL, name: string) =>
    storeThread<Calls>(file, name, path, limits)
  const { openWithinMs } = limits
  const writer = await opened(thread<WriterCalls>(WRITER_FILE, 'writer'), openWithinMs)
  const reader = thread<ReaderCalls>(READER_FILE, 'reader')
  const scanner = thread<ReaderCalls>(READER_FILE, 'scanner')
  const readers = [opened(reader, openWithinMs), opened(scanner, openWithinMs)]
  const failed = (await Promise.allSettled(readers)).find(({ status }) => status === 'rejected')
  if (failed === undefined) return { writer, reader, scanner }
  await Promise.all([reader.abandon(), scanner.abandon()])
  await writer.close()
  throw (failed as PromiseRejectedResult).reason
}

/** The writer goes last: only it can empty the write-ahead log, and only when nobody reads. @throws STORE_FAILED. */
export async function closeStoreThreads({ writer, reader, scanner }: StoreThreads): Promise<void> {
  writer.refuse()
  await Promise.all([reader.close(), scanner.close()])
  await writer.close()
  const death = reader.death ?? scanner.death ?? writer.death
  if (death !== null) throw death
}

/** A thread that finishes the calls it has accepted before it ends, and is not started again when it dies. */
export function storeThread<Calls extends CallTable>(
  script: URL,
  name: string,
  path: string,
  { maxQueued, maxQueuedBytes, closeWithinMs, onFailure }: StoreThreadLimits,
): ThreadClient<Calls> {
  return new ThreadClient<Calls>({
    script,
    name,
    start: 'now',
    afterDeath: 'refuse',
    worker: {
      name,
      workerData: { path } satisfies StoreThreadData,
      // Room for the metadata cache at its bounds; a limit, not a reservation.
      // Records are soon dropped: collected often, they leave little behind in the allocator.
      resourceLimits: { maxOldGenerationSizeMb: 4096, maxYoungGenerationSizeMb: 3 },
    },
    maxCalls: maxQueued,
    maxBytes: maxQueuedBytes,
    end: { after: 'all calls', withinMs: closeWithinMs, late: 'terminate' },
    onDeath: onFailure,
    errors: {
      died: (death) => failure(name, death),
      closed: () => new AppError('SHUTTING_DOWN', 'the store is closing and takes no further call'),
      failed: (kind, error) =>
        kind === 'start'
          ? codedError(error, 'DATA_FOLDER_UNUSABLE', `cannot use ${path}`)
          : codedError(error, 'STORE_FAILED', `the store could not read ${kind}`),
    },
  })
}

function failure(name: string, { reason, exitCode, cause }: ThreadDeath): AppError {
  const how = exitCode === undefined ? reason : `ended with exit status ${exitCode}`
  const message = `the ${name} of the store failed: ${cause?.message ?? `it ${how}`}`
  return new AppError('STORE_FAILED', message, { cause })
}

async function opened<Calls extends CallTable>(
  thread: ThreadClient<Calls>,
  withinMs: number,
): Promise<ThreadClient<Calls>> {
  try {
    await thread.ready(withinMs)
    return thread
  } catch (error) {
    await thread.abandon()
    throw error
  }
}
