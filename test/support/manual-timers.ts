import type { Timers } from '../../src/scheduling/timers.ts'

/** A clock that goes on only when told to. */
export class ManualTimers implements Timers<number> {
  readonly #due = new Map<number, { at: number; callback: () => void }>()
  #now = 0
  #next = 1

  set(callback: () => void, delayMs: number): number {
    this.#due.set(this.#next, { at: this.#now + delayMs, callback })
    return this.#next++
  }

  clear(handle: number): void {
    this.#due.delete(handle)
  }

  get running(): number {
    return this.#due.size
  }

  advance(ms: number): void {
    this.#now += ms
    for (const [handle, { at, callback }] of [...this.#due]) {
      if (at > this.#now || !this.#due.delete(handle)) continue
      callback()
    }
  }
}
