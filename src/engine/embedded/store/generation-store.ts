import type { LackingSlice, NewGeneration, StoredGeneration } from '../../generation.ts'
import type { StoreThreads } from './store-threads.ts'
import type { StoredCollection } from './stored-row.ts'

/** The generations of collections in the truth. Calls throw as those of RecordStore. */
export class GenerationStore {
  readonly #threads: StoreThreads
  readonly #now: () => Date

  constructor(threads: StoreThreads, now: () => Date) {
    this.#threads = threads
    this.#now = now
  }

  /** All but dropped ones, in the order of their numbers; none before the second was begun. */
  list(collection: number): Promise<readonly StoredGeneration[]> {
    return this.#threads.reader.call('generations', { collection })
  }

  /** Resumes the one of the same model file and dimensions, where there is one. */
  begin(collection: number, wanted: NewGeneration): Promise<StoredGeneration> {
    const at = this.#now().toISOString()
    return this.#threads.writer.call('beginGeneration', { collection, wanted, at })
  }

  /** Gives the versions after a position that have no vector in a generation. A position is the key of a version. */
  lacking(collection: number, generation: number, after: number): Promise<LackingSlice> {
    return this.#threads.scanner.call('lacking', { collection, generation, after })
  }

  /** Resolves to the number stored: versions that have ended, or have their vector, are left alone. */
  addVectors(
    collection: number,
    generation: number,
    vectors: readonly { readonly position: number; readonly vector: Float32Array }[],
  ): Promise<number> {
    const dimensions = vectors[0]?.vector.length ?? 0
    const all = new Float32Array(vectors.length * dimensions)
    for (const [i, { vector }] of vectors.entries()) all.set(vector, i * dimensions)
    const keys = vectors.map(({ position }) => position)
    return this.#threads.writer.call(
      'addVectors',
      { collection, generation, keys, vectors: all },
      { bytes: all.byteLength, transfer: [all.buffer] },
    )
  }

  /**
   * Makes a generation the active one, with its model and dimensions, in one transaction.
   * @throws GENERATION_NOT_FOUND; STORE_FAILED when the collection has another number of records.
   */
  switchTo(collection: number, generation: number, records: number): Promise<StoredCollection> {
    return this.#threads.writer.call('switchGeneration', { collection, generation, records })
  }

  /** Resolves once it is gone; its room is freed afterwards. @throws GENERATION_NOT_FOUND, GENERATION_IN_FORCE. */
  drop(collection: number, generation: number): Promise<void> {
    return this.#threads.writer.call('dropGeneration', { collection, generation })
  }

  /** Gives the number of records, with those that have no vector in the active generation. */
  records(collection: number): Promise<number> {
    return this.#threads.reader.call('records', { collection })
  }
}
