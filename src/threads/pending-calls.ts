import type { Reply, StoppedReply } from './call-table.ts'
import { receivedError } from './thread-error.ts'

/** A timer that ends a call, and the moment, on the clock of `performance.now`, at which half of its time is over. */
export interface Deadline {
  readonly timer: NodeJS.Timeout
  readonly overdueAt: number
}

interface PendingCall {
  readonly kind: string
  readonly bytes: number
  /** Null for a call that may wait for any time. */
  readonly deadline: Deadline | null
  /** The signal that may stop it, and what is to be called when it has ended; left out where nothing stops it. */
  readonly stop?: { readonly signal: AbortSignal; readonly release: () => void } | undefined
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** The calls to another thread that have no reply yet, in the order in which they were made. */
export class PendingCalls {
  readonly #waiting = new Map<number, PendingCall>()
  readonly #failed: (kind: string, error: Error) => Error
  readonly #onIdle: () => void
  #bytes = 0

  /**
   * @param failed makes the error that a caller gets from the one that came back.
   * @param onIdle is called whenever no call waits any more.
   */
  constructor(failed = (_kind: string, error: Error) => error, onIdle = () => {}) {
    this.#failed = failed
    this.#onIdle = onIdle
  }

  get size(): number {
    return this.#waiting.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Counts the calls of some kinds. */
  sizeOf(kinds: ReadonlySet<string>): number {
    let count = 0
    for (const { kind } of this.#waiting.values()) if (kinds.has(kind)) count++
    return count
  }

  /** Whether half of the time is over that the oldest call may take. */
  get isOverdue(): boolean {
    const [oldest] = this.#waiting.values()
    return performance.now() > (oldest?.deadline?.overdueAt ?? Number.POSITIVE_INFINITY)
  }

  has(number: number): boolean {
    return this.#waiting.has(number)
  }

  add(number: number, call: PendingCall): void {
    this.#bytes += call.bytes
    this.#waiting.set(number, call)
  }

  settle(replies: readonly (Reply | StoppedReply)[]): void {
    for (const reply of replies) {
      const waiting = this.#waiting.get(reply.call)
      if (waiting === undefined) continue
      const { kind, bytes, deadline, stop, resolve, reject } = waiting
      this.#waiting.delete(reply.call)
      this.#bytes -= bytes
      clearTimeout(deadline?.timer)
      stop?.release()
      try {
        if ('stopped' in reply) throw stop?.signal.reason
        if ('error' in reply) throw this.#failed(kind, receivedError(reply.error))
        resolve(reply.result)
      } catch (error) {
        reject(error)
      }
    }
    if (this.#waiting.size === 0) this.#onIdle()
  }

  rejectAll(error: Error): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#bytes = 0
    for (const { deadline, stop, reject } of waiting) {
      clearTimeout(deadline?.timer)
      stop?.release()
      reject(error)
    }
    this.#onIdle()
  }
}
