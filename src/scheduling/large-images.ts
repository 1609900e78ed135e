import { type Priority, PriorityQueue } from './priority-queue.ts'

/** The bytes up to which an image is small: it waits for no other image's memory. */
export const SMALL_IMAGE_BYTES = 64 * 1024 * 1024
/** The bytes that all large images take together; one that needs more is decoded while no other large one is. */
const LARGE_IMAGES_BYTES = 512 * 1024 * 1024
/** The large images of each priority that may wait. */
const MAX_WAITING = 64

/** Thrown out of a decoding that has to wait until the memory that it needs is free. */
class MemoryNeeded extends Error {
  readonly bytes: number

  constructor(bytes: number) {
    super(`expected ${bytes} bytes to be reserved`)
    this.bytes = bytes
  }
}

/** Is told the bytes that an image takes, before it takes them. @throws what has to end the decoding. */
export type TakeMemory = (bytes: number) => void

/**
 * Bounds the memory that images take while they are decoded. Small images are bounded by their number; the large ones share a budget
 * and wait for each other, so that no small one waits behind many of them.
 */
export class LargeImages {
  readonly #most: number
  readonly #waiting: PriorityQueue<number, void> = new PriorityQueue({
    room: MAX_WAITING,
    what: 'large images waiting to be decoded',
    wanted: 'the memory to decode a large image',
  })
  #count = 0
  #bytes = 0

  /** @param processors the number of images that are decoded at once: one place is left to small ones. */
  constructor(processors: number) {
    this.#most = Math.max(1, processors - 1)
  }

  /**
   * Runs work that says how much memory it takes. Where that is much, the work is ended, waits until the memory is free, and begins
   * again with `isLarge`.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts while it waits; what the work throws.
   */
  async run<T>(
    priority: Priority,
    work: (take: TakeMemory, isLarge: boolean) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    let result = await withMemory(SMALL_IMAGE_BYTES, (take) => work(take, false))
    // A later frame or page may need more than the first: each time around it is more.
    while (result instanceof MemoryNeeded) {
      const { bytes } = result
      await this.#enter(bytes, priority, signal)
      try {
        result = await withMemory(bytes, (take) => work(take, true))
      } finally {
        this.#leave(bytes)
      }
    }
    return result
  }

  async #enter(bytes: number, priority: Priority, signal?: AbortSignal): Promise<void> {
    const turn = this.#waiting.enter(bytes, priority, signal)
    this.#startNext()
    await turn
  }

  #leave(bytes: number): void {
    this.#count--
    this.#bytes -= bytes
    this.#startNext()
  }

  #startNext(): void {
    for (;;) {
      const [next] = this.#waiting.take({ fits: (bytes) => this.#fits(bytes) })
      if (next === undefined) return
      this.#count++
      this.#bytes += next.item
      next.resolve()
    }
  }

  #fits(bytes: number): boolean {
    if (this.#count === 0) return true
    return this.#count < this.#most && this.#bytes + bytes <= LARGE_IMAGES_BYTES
  }
}

/** Runs work that may take up to `most` bytes. @returns its result, or what it needs instead. */
async function withMemory<T>(
  most: number,
  work: (take: TakeMemory) => Promise<T>,
): Promise<T | MemoryNeeded> {
  try {
    return await work((bytes) => {
      if (bytes > most) throw new MemoryNeeded(bytes)
    })
  } catch (error) {
    if (error instanceof MemoryNeeded) return error
    throw error
  }
}
