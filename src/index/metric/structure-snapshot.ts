import { AppError } from '../../errors.ts'
import type { Item } from './search.ts'

/** Object ids are whole numbers from 0 to this. */
export const MAX_ID = 2 ** 32 - 1

/** A structure without its objects: plain data, fit for a file, a message or a structured clone. */
export interface StructureSnapshot {
  readonly kind: string
  readonly version: number
  readonly metric: string
  readonly numbers: Float64Array
  /** A checksum of `numbers`, so that a damaged distance is not mistaken for a bound. */
  readonly checksum: number
}

/** An object of a snapshot, and the id that it goes by from now on; null for one that is not to be there any more. */
export interface RestoredObject<T> {
  readonly id: number | null
  readonly object: T
}

/** Gives the object that had an id when a snapshot was made. */
export type Lookup<T> = (id: number) => RestoredObject<T> | undefined

/** Raised whenever the meaning of the numbers changes. */
const SNAPSHOT_VERSION = 1

export function invalidSnapshot(message: string): AppError {
  return new AppError('INDEX_INVALID', message)
}

/** @param kind names the structure and its options. */
export function snapshotOf(kind: string, metric: string, all: number[]): StructureSnapshot {
  const numbers = Float64Array.from(all)
  return { kind, version: SNAPSHOT_VERSION, metric, numbers, checksum: checksum(numbers) }
}

/** @throws INDEX_INVALID for a snapshot that is damaged, or of another structure or metric. */
export function checkSnapshot(snapshot: StructureSnapshot, kind: string, metric: string): void {
  const wanted = `${kind} version ${SNAPSHOT_VERSION} under ${metric}`
  const got = `${snapshot.kind} version ${snapshot.version} under ${snapshot.metric}`
  if (got !== wanted) throw invalidSnapshot(`expected a snapshot of ${wanted}, got ${got}`)
  if (checksum(snapshot.numbers) !== snapshot.checksum) {
    throw invalidSnapshot('the checksum of the snapshot does not match its numbers')
  }
}

/** FNV-1a over the bytes as this machine orders them. */
function checksum(numbers: Float64Array): number {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  let hash = 0x811c9dc5
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}

/** Reads a snapshot's numbers in order, and refuses what cannot be. They begin with the list of its objects. */
export class SnapshotReader<T> {
  readonly #numbers: Float64Array
  #at = 0
  /** The objects by the ids that the snapshot has for them; each goes by its new id already. */
  readonly listed = new Map<number, Item<T>>()
  /** Those of the list that are not to be there any more. */
  readonly ended = new Set<Item<T>>()

  /** @throws INDEX_INVALID for an object that is not there, or is listed twice. */
  constructor(numbers: Float64Array, lookup: Lookup<T>) {
    this.#numbers = numbers
    const size = this.whole(0, MAX_ID)
    for (let i = 0; i < size; i++) {
      const id = this.whole(0, MAX_ID)
      const found = lookup(id)
      if (found === undefined) throw invalidSnapshot(`there is no object ${id} any more`)
      if (this.listed.has(id)) throw invalidSnapshot(`object ${id} is listed twice`)
      const item = { id: found.id ?? id, object: found.object, alive: true }
      this.listed.set(id, item)
      if (found.id === null) this.ended.add(item)
    }
  }

  /** Reads an id, and gives the item that the list has for it. */
  readonly item = (): Item<T> => {
    const item = this.listed.get(this.whole(0, MAX_ID))
    if (item === undefined) throw invalidSnapshot('the snapshot names an object it does not list')
    return item
  }

  /** Reads a finite number of at least 0. */
  distance(): number {
    const value = this.#numbers[this.#at++]
    if (value !== undefined && value >= 0 && value < Number.POSITIVE_INFINITY) return value
    throw this.#unexpected('a finite distance', value)
  }

  distances(count: number): number[] {
    return Array.from({ length: count }, () => this.distance())
  }

  /** Reads a whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    const value = this.#numbers[this.#at++]
    if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) {
      return value
    }
    throw this.#unexpected(`a whole number from ${least} to ${most}`, value)
  }

  #unexpected(wanted: string, value: number | undefined): AppError {
    const place = `number ${this.#at - 1} of ${this.#numbers.length}`
    return invalidSnapshot(`expected ${wanted} at ${place}, got ${value}`)
  }

  /** @throws INDEX_INVALID unless all numbers are read, and each object of the list is in the structure once. */
  end(stored: readonly Item<T>[]): void {
    if (this.#at !== this.#numbers.length) {
      throw invalidSnapshot(`expected ${this.#at} numbers, got ${this.#numbers.length}`)
    }
    const { size } = this.listed
    if (stored.length === size && new Set(stored).size === size) return
    throw invalidSnapshot(`expected each of ${size} objects once, got ${stored.length}`)
  }
}
