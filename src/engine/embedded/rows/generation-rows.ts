import { FingerprintIndex, parseFingerprint } from '../../../index/hamming/fingerprint-index.ts'
import { mapBounded } from '../../../scheduling/map-bounded.ts'
import { drawIndices, type Random } from '../../../vector/random.ts'
import type { SampledVector } from '../../generation.ts'
import { BackgroundCoding } from '../coding/background-coding.ts'
import type { GenerationParts } from '../generation-parts.ts'
import { type Pinnable, pinned } from './pinned.ts'
import { RowSlots } from './row-slots.ts'

const READS_AT_ONCE = 16
/** The fingerprint that plain images of any brightness had before they had none. */
const PLAIN = '8000000000000000'

/** A committed version of a record. */
export interface RecordVersion {
  readonly key: number
  readonly id: string
  readonly vector: Float32Array
  /** As `storedFingerprint` gives it; null or left out where there is none. */
  readonly fingerprint?: string | null
  /** The version that this one took the place of. */
  readonly replacedKey: number | null
}

/**
 * The vectors of one generation in rows, in shared memory or in a file, each with the record that it belongs to. They are
 * a cache of the truth, which has to be given every committed change in the order of the commits.
 */
export class GenerationRows implements Pinnable {
  readonly vectors: GenerationParts['vectors']
  readonly coding: GenerationParts['coding']
  readonly slots = new RowSlots()
  readonly #trees: GenerationParts['trees']
  readonly #graph: GenerationParts['graph']
  readonly background: BackgroundCoding
  readonly #fingerprints = new FingerprintIndex()
  #released = false
  #ended = 0
  #changes = 0

  constructor({ vectors, coding, trees, graph }: GenerationParts) {
    this.vectors = vectors
    this.coding = coding
    this.#trees = trees
    this.#graph = graph
    this.background = new BackgroundCoding(this)
  }

  get count(): number {
    return this.slots.count
  }

  get memoryBytes(): number {
    const indexes = (this.#trees?.memoryBytes ?? 0) + (this.#graph?.memoryBytes ?? 0)
    const rows = this.vectors.memoryBytes + this.coding.memoryBytes + this.slots.memoryBytes
    return rows + indexes + this.#fingerprints.memoryBytes
  }

  /** The number of records that were replaced or deleted. */
  get ended(): number {
    return this.#ended
  }

  /** The number of records that were written or deleted; one that takes the place of another counts once. */
  get changes(): number {
    return this.#changes
  }

  get released(): boolean {
    return this.#released
  }

  /** To be called before about this many records are put at once, and then `filled`. */
  beginFilling(records: number): void {
    this.slots.reserve(records)
    this.background.beginFilling()
  }

  /**
   * To be called when all that the truth held at the start has been put: what can be made of it may be made. Resolves
   * when searches are as quick as they need to be. @throws OUT_OF_MEMORY, STORE_FAILED, THREAD_FAILED.
   */
  filled(): Promise<void> {
    this.#graph?.start(this)
    return this.background.filled()
  }

  /** Makes room for `more` records; may wait until earlier ones are out of the way. @throws OUT_OF_MEMORY. */
  async reserve(more: number): Promise<void> {
    await this.background.room()
    if (!this.#released) this.vectors.reserve(more)
  }

  put(record: RecordVersion): void {
    if (this.#released) return
    if (record.replacedKey !== null) this.#free(record.replacedKey)
    const reused = this.slots.reusable()
    if (reused !== null) this.coding.willWrite(reused)
    const row = reused ?? this.vectors.append(record.vector)
    if (reused !== null) this.vectors.write(row, record.vector)
    this.slots.occupy(row, record.key, record.id)
    this.#changes++
    const { fingerprint } = record
    if (fingerprint && fingerprint !== PLAIN) {
      this.#fingerprints.add(row, parseFingerprint(fingerprint))
    } else this.#fingerprints.forget(row)
    this.#trees?.touched(row)
    this.#graph?.written(row)
    this.background.wrote(row)
  }

  delete(keys: readonly number[]): void {
    for (const key of keys) this.#free(key)
    this.#changes += keys.length
  }

  keyOf(id: string): number | null {
    const row = this.slots.rowOfId(id)
    return row === undefined ? null : this.slots.key(row)
  }

  /** A copy of the stored vector; null when there is no such record. */
  async vector(id: string): Promise<Float32Array | null> {
    const row = this.slots.rowOfId(id)
    if (row === undefined) return null
    // The row keeps its vector until it is read, whatever is written meanwhile.
    return await pinned(this, async () => this.vectors.read(row))
  }

  /** Up to `wanted` records of this moment; each choice and order is equally likely. */
  sample(wanted: number, random: Random): Promise<readonly SampledVector[]> {
    const rows = this.slots.liveRows(drawIndices(this.count, wanted, random))
    const drawn = rows.map((row) => ({ row, id: this.slots.id(row) }))
    return pinned(this, () => {
      return mapBounded(drawn, READS_AT_ONCE, async ({ row, id }) => {
        return { id, vector: await this.vectors.read(row) }
      })
    })
  }

  get withoutFingerprint(): number {
    return this.count - this.#fingerprints.count
  }

  nearFingerprints(id: string, radius: number, most: number): readonly string[] {
    const row = this.slots.rowOfId(id)
    if (row === undefined || !this.#fingerprints.has(row)) return []
    const rows = this.#fingerprints.within(this.#fingerprints.at(row), radius, most)
    return rows.map((near) => this.slots.id(near))
  }

  /** Gives the bits in which rows differ from a record, Infinity where one has no fingerprint; null when the record has none. */
  fingerprintBits(id: string): ((row: number) => number) | null {
    const row = this.slots.rowOfId(id)
    if (row === undefined || !this.#fingerprints.has(row)) return null
    const fingerprint = this.#fingerprints.at(row)
    return (other) => this.#fingerprints.bits(fingerprint, other)
  }

  pin(): () => void {
    const ticket = this.slots.beginSearch()
    return () => {
      this.slots.endSearch(ticket)
      this.background.searchEnded()
      this.#freeIfQuiet()
    }
  }

  /** Resolves once no file has a vector of a version that ended before, but for a file without a name. */
  async erased(): Promise<void> {
    await Promise.all([this.#trees?.erased(), this.#graph?.erased()])
  }

  /** Frees the memory once the searches under way have ended. */
  release(): void {
    this.#released = true
    this.background.stop()
    this.#trees?.release()
    this.#graph?.release()
    this.#freeIfQuiet()
  }

  #free(key: number): void {
    const row = this.slots.rowOfKey(key)
    if (row !== undefined) {
      this.#trees?.freed(row)
      this.#graph?.freed(row)
      this.#fingerprints.remove(row)
    }
    this.slots.free(key)
    this.#ended++
  }

  #freeIfQuiet(): void {
    if (!this.#released || this.slots.searching) return
    this.vectors.release()
    this.coding.release()
  }
}
