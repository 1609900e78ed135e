/** Time is handed in: `set` calls back after so many milliseconds unless `clear` comes first. */
export interface Timers<Handle = unknown> {
  set(callback: () => void, delayMs: number): Handle
  clear(handle: Handle): void
}

/** Gives the milliseconds since some fixed moment; it never goes back. */
export type Clock = () => number
