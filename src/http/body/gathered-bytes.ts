import type { Loan } from './body-memory.ts'

/** How many times as much memory may be taken as bytes have come: a length that is announced is only a promise. */
const ROOM_A_BYTE = 8

/** Gathers the bytes of a body as they come, each copied once at most. */
export class GatheredBytes {
  readonly #announced: number
  readonly #lend: (bytes: number) => Loan | null
  readonly #free: (chunk: Buffer) => void
  /** What came before there was memory for all of it. */
  #chunks: Buffer[] = []
  /** Memory for all that was announced. */
  #memory: Buffer | null = null
  #loan: Loan | null = null
  #size = 0

  /**
   * @param announced the bytes that will come, as the sender says; Infinity where it does not.
   * @param lend lends memory for bodies that are announced and come in several pieces; where it lends none, they get memory of their own.
   * @param free is given each piece that was copied, and is not read any more.
   */
  constructor(
    announced: number,
    lend: (bytes: number) => Loan | null = () => null,
    free: (chunk: Buffer) => void = () => undefined,
  ) {
    this.#announced = announced
    this.#lend = lend
    this.#free = free
  }

  /** The memory that the bytes lie in; null where it is their own. */
  get loan(): Loan | null {
    return this.#loan
  }

  /** Takes the next bytes; they are not to be changed any more. @throws Error for more than were announced. */
  add(chunk: Buffer): void {
    const at = this.#size
    this.#size += chunk.byteLength
    if (this.#size > this.#announced) {
      throw new Error(`expected ${this.#announced} bytes as announced, got ${this.#size}`)
    }
    if (this.#memory !== null) {
      chunk.copy(this.#memory, at)
      this.#free(chunk)
      return
    }
    this.#chunks.push(chunk)
    const isWhole = this.#size === this.#announced && this.#chunks.length === 1
    if (isWhole || this.#announced > this.#size * ROOM_A_BYTE) return
    this.#loan = this.#lend(this.#announced)
    this.#join(this.#loan?.bytes ?? Buffer.allocUnsafeSlow(this.#announced))
  }

  /** Gives all bytes: of a body that came in one piece, that piece. */
  all(): Buffer {
    if (this.#memory === null) {
      const [first] = this.#chunks
      if (first !== undefined && this.#chunks.length === 1) return first
      this.#join(Buffer.allocUnsafeSlow(this.#size))
    }
    return this.#memory!.subarray(0, this.#size)
  }

  #join(memory: Buffer): void {
    let at = 0
    for (const chunk of this.#chunks) {
      at += chunk.copy(memory, at)
      this.#free(chunk)
    }
    this.#chunks = []
    this.#memory = memory
  }
}
