import { AppError } from '../../errors.ts'
import { ownMemory } from '../../threads/own-memory.ts'
import { ThreadClient } from '../../threads/thread-client.ts'
import { type BodyReader, DEFAULT_QUERY_LIMITS } from '../query-limits.ts'
import { BODY_READERS, type BodyKind } from './body-readers.ts'
import type { BodyCalls } from './body-thread.ts'

const kinds = new Map<unknown, BodyKind>(
  Object.entries(BODY_READERS).map(([kind, reader]) => [reader, kind as BodyKind]),
)

/**
 * Reads JSON bodies without holding up the event loop: small ones in place, others in one worker thread
 * that starts with the first of them. Defaults: 64 KiB read in place (a few milliseconds), 64 bodies waiting.
 */
export function createBodyReader({
  inPlaceBytes = 64 * 1024,
  maxPending = 64,
  limits = DEFAULT_QUERY_LIMITS,
} = {}) {
  const thread = new ThreadClient<BodyCalls>({
    // Compiled, the thread's file ends in .js.
    script: new URL('./body-thread.js', import.meta.url),
    name: 'bodies',
    start: 'on demand',
    worker: { workerData: limits },
    maxCalls: maxPending,
    errors: {
      died: ({ reason, cause }) =>
        new AppError('THREAD_FAILED', `the body thread ${reason}`, { cause }),
      closed: () => new AppError('SHUTTING_DOWN', 'the service is stopping'),
      full: (_what, most) =>
        new AppError('QUEUE_FULL', `${most} large bodies already wait`, { retryAfterSeconds: 1 }),
    },
  })
  return {
    /**
     * @param reader stands in BODY_READERS, by whose names the thread knows it.
     * @param body given away: its memory may move to the thread.
     * @throws what `reader` throws; QUEUE_FULL, THREAD_FAILED, SHUTTING_DOWN after close.
     */
    async read<T>(reader: BodyReader<T>, body: Uint8Array): Promise<T> {
      const kind = kinds.get(reader)
      if (kind === undefined) throw new Error(`${reader.name} is not in BODY_READERS`)
      if (body.byteLength <= inPlaceBytes) return reader(body, limits)
      const owned = ownMemory(body)
      const transfer = [owned.buffer]
      return (await thread.call('read', { kind, body: owned }, { transfer })) as T
    },
    close: () => thread.close(),
  }
}
