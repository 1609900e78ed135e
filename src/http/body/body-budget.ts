import { AppError } from '../../errors.ts'

/** Counts the bytes of request bodies that are held in memory at once, over all requests. */
export class BodyBudget {
  readonly #maxBytes: number
  #held = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get heldBytes(): number {
    return this.#held
  }

  /** @returns the release of the bytes, which works once. @throws QUEUE_FULL when they do not fit beside the others. */
  take(bytes: number): () => void {
    if (this.#held + bytes > this.#maxBytes) {
      throw new AppError(
        'QUEUE_FULL',
        `expected request bodies of at most ${this.#maxBytes} bytes at once, ${this.#held} are held and ${bytes} more came`,
        { retryAfterSeconds: 1 },
      )
    }
    this.#held += bytes
    let released = false
    return () => {
      if (!released) this.#held -= bytes
      released = true
    }
  }
}
