import { AppError } from '../../../errors.ts'
import { ThreadClient } from '../../../threads/thread-client.ts'
import { codedError } from '../../../threads/thread-error.ts'
import type { ThreadDeath } from '../../../threads/thread-options.ts'
import type { ReadOperations } from './read-operations.ts'
import type { WriteOperations } from './write-operations.ts'

/** Changes, and what is no change: `emptyLog` returns whether the write-ahead log could be emptied. */
type WriterCalls = Omit<WriteOperations, 'stampSeq'> & { emptyLog(): boolean }

export interface StoreThreads {
  readonly writer: ThreadClient<WriterCalls>
  /** For calls that are quick. */
  readonly reader: ThreadClient<ReadOperations>
  /** For calls that read a whole collection. */
  readonly scanner: ThreadClient<ReadOperations>
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
  /** Is called when the disk was found full, and when there is room again. */
  readonly onDisk: (isFull: boolean) => void
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
  const { openWithinMs } = limits
  const writer = storeThread<WriterCalls>(WRITER_FILE, 'writer', path, limits)
  await writer.ready(openWithinMs)
  const reader = storeThread<ReadOperations>(READER_FILE, 'reader', path, limits)
  const scanner = storeThread<ReadOperations>(READER_FILE, 'scanner', path, limits)
  try {
    await Promise.all([reader.ready(openWithinMs), scanner.ready(openWithinMs)])
  } catch (error) {
    await Promise.all([reader.close(), scanner.close()])
    await writer.close()
    throw error
  }
  return { writer, reader, scanner }
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
export function storeThread<Calls>(
  script: URL,
  name: string,
  path: string,
  { maxQueued, maxQueuedBytes, closeWithinMs, onFailure, onDisk }: StoreThreadLimits,
): ThreadClient<Calls> {
  return new ThreadClient<Calls>({
    script,
    name,
    start: 'once',
    worker: {
      name,
      workerData: { path },
      // Room for the metadata cache at its bounds; a limit, not a reservation.
      // Records are soon dropped: collected often, they leave little behind in the allocator.
      resourceLimits: { maxOldGenerationSizeMb: 4096, maxYoungGenerationSizeMb: 3 },
    },
    maxCalls: maxQueued,
    maxBytes: maxQueuedBytes,
    end: { after: 'all calls', withinMs: closeWithinMs, late: 'terminate' },
    onDeath: onFailure,
    notices: { diskFull: onDisk },
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
