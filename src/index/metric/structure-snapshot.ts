import { AppError } from '../../errors.ts'

/** A structure without its objects: plain data, fit for a file, a message or a structured clone. */
export interface StructureSnapshot {
  readonly kind: string
  readonly version: number
  readonly metric: string
  readonly numbers: Float64Array
  /** Of `numbers`, so that a damaged distance is not mistaken for a bound. */
  readonly checksum: number
}

/** Raised whenever the meaning of the numbers changes. */
export const SNAPSHOT_VERSION = 1

export function invalidSnapshot(message: string): AppError {
  return new AppError('INDEX_INVALID', message)
}

/** FNV-1a over the bytes as this machine orders them. */
export function checksum(numbers: Float64Array): number {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  let hash = 0x811c9dc5
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}

/** Reads a snapshot's numbers in order, and refuses what cannot be. */
export class NumberReader {
  readonly #numbers: Float64Array
  #at = 0

  constructor(numbers: Float64Array) {
    this.#numbers = numbers
  }

  /** A finite number of at least 0. */
  distance(): number {
    const value = this.#numbers[this.#at++]
    if (value !== undefined && value >= 0 && value < Number.POSITIVE_INFINITY) return value
    throw invalidSnapshot(
      `expected a finite distance at number ${this.#at - 1} of ${this.#numbers.length}, got ${value}`,
    )
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    const value = this.#numbers[this.#at++]
    if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) {
      return value
    }
    throw invalidSnapshot(
      `expected a whole number from ${least} to ${most} at number ${this.#at - 1} of ${this.#numbers.length}, got ${value}`,
    )
  }

  end(): void {
    if (this.#at === this.#numbers.length) return
    throw invalidSnapshot(`expected ${this.#at} numbers, got ${this.#numbers.length}`)
  }
}
