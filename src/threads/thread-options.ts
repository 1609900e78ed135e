import type { WorkerOptions } from 'node:worker_threads'
import { AppError } from '../errors.ts'
import type { NoticeMessage } from './call-table.ts'

export interface ThreadOptions {
  /** The file that runs in the thread. Compiled, its name ends in .js. */
  readonly script: URL
  readonly name: string
  /**
   * `once`: the thread starts now, and takes no call after its death. `always`: it starts now, and again after its death.
   * `on demand`: it starts with a call, also after its death.
   */
  readonly start: 'once' | 'always' | 'on demand'
  readonly worker?: WorkerOptions
  /** Makes the notices that every worker gets before its first call. */
  readonly firstNotices?: () => Iterable<NoticeMessage>
  /** The tables of calls and notices that the thread sends here. */
  readonly calls?: object
  readonly notices?: object
  /** Replaces errors that callers get: see `defaultErrors`. */
  readonly errors?: Partial<ThreadErrors>
  /** Is called once when a thread died that is not started again. */
  readonly onDeath?: (error: AppError) => void
  /** The most calls that may wait for a reply; left out, any number. */
  readonly maxCalls?: number
  /** The most bytes of those calls together. One call alone may exceed it. */
  readonly maxBytes?: number
  /** The milliseconds that one call may take; then the thread is given up. Left out, any time. */
  readonly answerWithinMs?: number
  /** How `close` ends the thread. Left out, it is terminated at once. */
  readonly end?: ThreadEnd
  /** Left out, it keeps the process alive also while no call waits. */
  readonly idle?: 'lets process end'
}

interface ThreadEnd {
  /**
   * `all calls`: the thread answers those that wait. `this call`: it ends as soon as it reads its messages again, and
   * those that wait are rejected.
   */
  readonly after: 'this call' | 'all calls'
  /** The milliseconds after which the thread is given up. */
  readonly withinMs: number
  /**
   * Whether a thread that is given up is terminated at once, or only when it has sent the replies that it owes. Until
   * then it does not keep the process alive.
   */
  readonly late: 'terminate' | 'leave behind'
}

/** The end of a thread that nobody ended. */
export interface ThreadDeath {
  /** A verb and more: "ended with exit code 7". */
  readonly reason: string
  /** Left out where it was given up or an error ended it. */
  readonly exitCode?: number
  readonly cause?: Error
}

/** The errors that callers get. */
export interface ThreadErrors {
  /** For calls that wait when the thread dies and, where it is not started again, for later ones. */
  died(death: ThreadDeath): AppError
  /** For calls after `close`, and those that wait when it ends the thread. */
  closed(): AppError
  failed(kind: string, error: Error): Error
  /** For a call beyond a bound. @param got the calls or bytes, with this one. */
  full(what: 'calls' | 'bytes', most: number, got: number): Error
}

export function defaultErrors(name: string): ThreadErrors {
  return {
    died: ({ reason, cause }) =>
      new AppError('THREAD_FAILED', `${name}: its thread ${reason}`, { cause }),
    closed: () => new AppError('THREAD_FAILED', `${name}: its thread was closed`),
    failed(kind, error) {
      if (error instanceof AppError) return error
      const message = `${name}: ${kind} failed: ${error.message}`
      return new AppError('THREAD_FAILED', message, { cause: error })
    },
    full(what, most, got) {
      const found = what === 'calls' ? 'more' : got
      const message = `expected at most ${most} ${what} to wait for the ${name}, got ${found}`
      return new AppError('QUEUE_FULL', message, { retryAfterSeconds: 1 })
    },
  }
}
