import { AppError } from '../../errors.ts'
import { FairShare } from '../admission/fair-share.ts'

/** The bytes of one request that are in memory, counted as they arrive. */
export interface BodyHold {
  /** Counts bytes that have arrived. @throws QUEUE_FULL where they do not fit into the share of the caller. */
  take(bytes: number): void
  /** Gives all of them back; what is taken later is not counted. */
  release(): void
  readonly isReleased: boolean
}

export type BodyBudget = (caller: string) => BodyHold

/** A body is small until more of it has arrived. */
const SMALL_BYTES = 64 * 1024
/** The share of the budget that only small bodies use. */
const RESERVE = 1 / 8

/**
 * Divides memory for the bodies of all requests among their callers. Small bodies have a reserve of their own,
 * and go beside the large ones when it is used up.
 */
export function createBodyBudget(maxBytes: number): BodyBudget {
  const reserved = Math.floor(maxBytes * RESERVE)
  const small = new FairShare(reserved)
  const large = new FairShare(maxBytes - reserved)

  return (caller) => {
    let share = small
    let held = 0
    let released = false
    return {
      take(bytes) {
        if (released) return
        const total = held + bytes
        const fits = (share === large || total <= SMALL_BYTES) && share.take(caller, bytes)
        if (!fits) {
          if (share === large || !large.take(caller, total)) throw full(caller, total)
          small.give(caller, held)
          share = large
        }
        held = total
      },
      release() {
        if (!released) share.give(caller, held)
        released = true
      },
      get isReleased() {
        return released
      },
    }
  }

  function full(caller: string, bytes: number): AppError {
    return new AppError(
      'QUEUE_FULL',
      `expected the request bodies of ${caller} to leave room for those of others, of at most ${maxBytes} bytes in all; ${small.held + large.held} are held, and ${bytes} of this one do not fit`,
      { retryAfterSeconds: 1 },
    )
  }
}
