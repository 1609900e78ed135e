/** Memory for all large bodies together: four of the largest pictures of a telephone. It is taken from the system as it is used. */
const MEMORY_BYTES = 128 * 1024 * 1024
/** Loans begin at multiples of this. */
const ALIGNMENT = 4096

interface Extent {
  readonly start: number
  readonly end: number
}

/** Bytes of the memory that one body has for itself, until it is given back. */
export interface Loan {
  readonly bytes: Buffer
  /** Lets other bodies have the memory. Nobody may read `bytes` any more. */
  giveBack(): void
}

/**
 * Memory for large bodies which all threads share, so that a body is not copied on its way. It is used again and again: memory of its
 * own for each of many megabytes would have the garbage collector at work for longer than it takes to receive them.
 */
export class BodyMemory {
  readonly #bytes: number
  #memory: SharedArrayBuffer | null = null
  /** What is free, by its place; no two of them touch. */
  #free: Extent[]

  constructor(bytes = MEMORY_BYTES) {
    this.#bytes = bytes
    this.#free = [{ start: 0, end: bytes }]
  }

  /**
   * Lends memory at the lowest place where it is free, so that little is ever used; null where none is large enough, or the system
   * has none.
   */
  lend(bytes: number): Loan | null {
    const memory = this.#whole()
    if (memory === null) return null
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    const i = this.#free.findIndex(({ start, end }) => end - start >= size)
    if (i < 0) return null
    const { start, end } = this.#free[i]!
    const rest = start + size < end ? [{ start: start + size, end }] : []
    this.#free.splice(i, 1, ...rest)
    let isLent = true
    return {
      bytes: Buffer.from(memory, start, bytes),
      giveBack: () => {
        if (isLent) this.#add({ start, end: start + size })
        isLent = false
      },
    }
  }

  #whole(): SharedArrayBuffer | null {
    try {
      this.#memory ??= new SharedArrayBuffer(this.#bytes)
    } catch {
      // A bound on the addresses of the process: bodies then have memory of their own.
    }
    return this.#memory
  }

  #add({ start, end }: Extent): void {
    const before = this.#free.filter((extent) => extent.end < start)
    const after = this.#free.filter((extent) => extent.start > end)
    // One that ends where this begins, and one that begins where it ends, become one with it.
    const touching = this.#free.filter((extent) => extent.end === start || extent.start === end)
    const all = [...touching, { start, end }]
    const joined = {
      start: Math.min(...all.map((extent) => extent.start)),
      end: Math.max(...all.map((extent) => extent.end)),
    }
    this.#free = [...before, joined, ...after]
  }
}
