import type { Reply } from './call-table.ts'
import { receivedError } from './thread-error.ts'

/** A call that waits for its reply. */
export interface PendingCall {
  readonly kind: string
  readonly bytes: number
  resolve(result: unknown): void
  reject(error: unknown): void
  /** Milliseconds to wait, after which `onLate` has to end it. */
  readonly limit?: { readonly withinMs: number; readonly onLate: () => void } | undefined
}

interface Waiting extends Omit<PendingCall, 'limit'> {
  readonly timer: NodeJS.Timeout | undefined
  /** When half of the time is over, on the clock of `performance.now`. */
  readonly overdueAt: number
}

/** The calls to another thread that have no reply yet, in the order in which they were made. */
export class PendingCalls {
  readonly #waiting = new Map<number, Waiting>()
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

  /** Payload of all calls that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether half of the time is over that the oldest call may take. */
  get isOverdue(): boolean {
    for (const { overdueAt } of this.#waiting.values()) return performance.now() > overdueAt
    return false
  }

  has(number: number): boolean {
    return this.#waiting.has(number)
  }

  // Without a spread: a new shape for each call costs as much as the rest of sending it.
  add(number: number, { kind, bytes, resolve, reject, limit }: PendingCall): void {
    const timer = limit && setTimeout(limit.onLate, limit.withinMs)
    const overdueAt = limit ? performance.now() + limit.withinMs / 2 : Number.POSITIVE_INFINITY
    this.#bytes += bytes
    this.#waiting.set(number, { kind, bytes, resolve, reject, timer, overdueAt })
  }

  settle(replies: readonly Reply[]): void {
    for (const reply of replies) this.#settle(reply)
    if (this.#waiting.size === 0) this.#onIdle()
  }

  rejectAll(error: Error): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#bytes = 0
    for (const { timer, reject } of waiting) {
      clearTimeout(timer)
      reject(error)
    }
    this.#onIdle()
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.call)
    if (waiting === undefined) return
    const { kind, bytes, timer, resolve, reject } = waiting
    this.#waiting.delete(reply.call)
    this.#bytes -= bytes
    clearTimeout(timer)
    try {
      if ('error' in reply) throw this.#failed(kind, receivedError(reply.error))
      resolve(reply.result)
    } catch (error) {
      reject(error)
    }
  }
}
