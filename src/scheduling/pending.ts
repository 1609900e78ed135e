/** Knows the calls of one kind that are under way. */
export class Pending {
  readonly #calls = new Set<Promise<unknown>>()

  get count(): number {
    return this.#calls.size
  }

  async track<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call)
    try {
      return await call
    } finally {
      this.#calls.delete(call)
    }
  }

  /** Resolves when every call that is under way now has succeeded or failed. */
  async settled(): Promise<void> {
    if (this.#calls.size > 0) await Promise.allSettled(this.#calls)
  }
}
