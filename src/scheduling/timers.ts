/** Timers, which are handed in: `set` calls back after the delay, unless `clear` comes first. */
export interface Timers<Handle = unknown> {
  set(callback: () => void, delayMs: number): Handle
  clear(handle: Handle): void
}

/** Gives the milliseconds since some fixed moment; it never goes back. */
export type Clock = () => number
