import { AppError } from '../../errors.ts'
import { ThreadClient } from '../../threads/thread-client.ts'
import { BODY_READERS, type BodyKind, type BodyOf } from './body-readers.ts'
import type { BodyCalls } from './body-thread.ts'

/**
 * Reads JSON bodies without holding up the event loop: small ones in place, others in one worker thread
 * that starts with the first of them.
 */
export class BodyReader {
  readonly #inPlaceBytes: number
  readonly #thread: ThreadClient<BodyCalls>

  /** Defaults: 64 KiB read in place (a few milliseconds), 64 bodies waiting. */
  constructor({
    inPlaceBytes = 64 * 1024,
    maxPending = 64,
  }: {
    inPlaceBytes?: number
    maxPending?: number
  } = {}) {
    this.#inPlaceBytes = inPlaceBytes
    this.#thread = new ThreadClient<BodyCalls>({
      // Compiled, the thread's file ends in .js.
      script: new URL('./body-thread.js', import.meta.url),
      name: 'bodies',
      start: 'on demand',
      maxCalls: maxPending,
      errors: {
        closed: () => new AppError('SHUTTING_DOWN', 'the service is stopping'),
        full: (_what, most) =>
          new AppError('QUEUE_FULL', `${most} large bodies already wait`, { retryAfterSeconds: 1 }),
      },
    })
  }

  /**
   * @param body given away: its memory may move to the thread.
   * @throws what the reader of `kind` throws; QUEUE_FULL, THREAD_FAILED, SHUTTING_DOWN after close.
   */
  async read<K extends BodyKind>(kind: K, body: Uint8Array): Promise<BodyOf<K>> {
    if (body.byteLength <= this.#inPlaceBytes) return BODY_READERS[kind](body) as BodyOf<K>
    const owned = ownMemory(body)
    const transfer = [owned.buffer]
    return (await this.#thread.call('read', { kind, body: owned }, { transfer })) as BodyOf<K>
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}

/** Bytes in memory of their own: a part of Node's shared buffer pool cannot be moved. */
function ownMemory(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return body.byteLength === body.buffer.byteLength
    ? (body as Uint8Array<ArrayBuffer>)
    : Uint8Array.from(body)
}
