/** Writes whose commit the gallery has not heard of yet. */
export class Writes {
  readonly #pending = new Set<Promise<unknown>>()

  get pending(): number {
    return this.#pending.size
  }

  async track<T>(write: Promise<T>): Promise<T> {
    this.#pending.add(write)
    try {
      return await write
    } finally {
      this.#pending.delete(write)
    }
  }

  /** Resolves when every write that is pending now has been applied or has failed. */
  async settled(): Promise<void> {
    if (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }
}
