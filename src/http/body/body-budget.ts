import { AppError } from '../../errors.ts'

/** Bytes of request bodies held in memory at once, over all requests. */
export class BodyBudget {
  readonly #maxBytes: number
  #held = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get heldBytes(): number {
    return this.#held
  }

  /** @returns what gives the bytes back, once. @throws QUEUE_FULL when they do not fit beside the others. */
  take(bytes: number): () => void {
    if (this.#held + bytes > this.#maxBytes) {
      throw new AppError(
        'QUEUE_FULL',
        `expected request bodies of at most ${this.#maxBytes} bytes at once, ${this.#held} are held and ${bytes} more came`,
        { retryAfterSeconds: 1 },
      )
    }
    this.#held += bytes
    let given = false
    return () => {
      if (!given) this.#held -= bytes
      given = true
    }
  }
}
