import { AppError } from '../errors.ts'
import { Lanes, type Priority } from './lanes.ts'

interface WaitingOptions {
  /** Of each priority; one more is refused. */
  readonly maxWaiting: number
  readonly retryAfterSeconds: number
  /** For messages: what waits, as "images waiting to be decoded", and what for, as "a decoded image". */
  readonly what: string
  readonly wanted: string
}

/** Work that waits for its turn; who gives up frees the place. */
export class WaitingTurns {
  readonly #options: WaitingOptions
  readonly #lanes: Lanes<() => void>

  constructor(options: WaitingOptions) {
    this.#options = options
    this.#lanes = new Lanes(options.maxWaiting)
  }

  get size(): number {
    return this.#lanes.size
  }

  /**
   * Resolves when `startNext` has taken this turn, in whose course `begin` was called.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts before.
   */
  wait(priority: Priority, signal: AbortSignal | undefined, begin: () => void): Promise<void> {
    const { maxWaiting, retryAfterSeconds, what, wanted } = this.#options
    const cancelled = () =>
      new AppError('CANCELLED', `the caller gave up waiting for ${wanted}`, {
        cause: signal?.reason,
      })
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled()
      if (this.#lanes.isFull(priority)) {
        throw new AppError('QUEUE_FULL', `expected at most ${maxWaiting} ${what}, got more`, {
          retryAfterSeconds,
        })
      }
      const abort = () => {
        this.#lanes.delete(start, priority)
        reject(cancelled())
      }
      const start = () => {
        signal?.removeEventListener('abort', abort)
        begin()
        resolve()
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#lanes.add(start, priority)
    })
  }

  /** Whether there was one to start. */
  startNext(options?: { readonly searchesOnly: boolean }): boolean {
    const start = this.#lanes.take(options)
    start?.()
    return start !== undefined
  }
}
