/** A call's view of whether anybody still waits for it. Long work looks at it between its slices, or in its loops. */
export interface StopSign {
  /** Whether the work should end now. */
  readonly isSet: boolean
  /** Ends the work where it should end. @throws STOPPED, for which the caller gets the reason of its signal. */
  check(): void
}

/** What ends a call that was stopped. */
export const STOPPED = new Error('the call was stopped')

/** The sign of a call that nobody can stop. */
export const NEVER_STOPPED: StopSign = { isSet: false, check() {} }

/** The calls of one client that can be stopped at a time; more run to their ends. */
const MAX_FLAGS = 4096

interface Followed {
  readonly flag: number
  /** Gives the flag back, once nobody reads it for this call any more. */
  release(): void
}

/** One flag in shared memory for each call that may be stopped: a thread sees it also while it reads no messages. */
export class StopFlags {
  readonly words = new Int32Array(new SharedArrayBuffer(MAX_FLAGS * 4))
  readonly #free: number[] = []
  #given = 0

  /** Raises a flag when `signal` aborts. @returns null where no flag is free. */
  follow(signal: AbortSignal): Followed | null {
    if (this.#free.length === 0 && this.#given === MAX_FLAGS) return null
    const flag = this.#free.pop() ?? this.#given++
    const raise = () => Atomics.store(this.words, flag, 1)
    if (signal.aborted) raise()
    else signal.addEventListener('abort', raise, { once: true })
    return {
      flag,
      release: () => {
        signal.removeEventListener('abort', raise)
        Atomics.store(this.words, flag, 0)
        this.#free.push(flag)
      },
    }
  }
}

/** Makes the sign of the call that has this flag. */
export function stopSign(words: Int32Array, flag: number): StopSign {
  return {
    get isSet() {
      return Atomics.load(words, flag) === 1
    },
    check() {
      if (Atomics.load(words, flag) === 1) throw STOPPED
    },
  }
}
