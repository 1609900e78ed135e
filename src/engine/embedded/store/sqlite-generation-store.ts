import type {
  GenerationStore,
  LackingSlice,
  NewGeneration,
  StoredGeneration,
} from './generation-store.ts'
import type { StoredCollection } from './record-store.ts'
import type { StoreThreads } from './store-threads.ts'

/** Generations beside the records, in the same database. */
export class SqliteGenerationStore implements GenerationStore {
  readonly #threads: StoreThreads
  readonly #now: () => Date

  constructor(threads: StoreThreads, now: () => Date) {
    this.#threads = threads
    this.#now = now
  }

  list(collection: number): Promise<readonly StoredGeneration[]> {
    return this.#threads.reader.call('generations', { collection })
  }

  begin(collection: number, wanted: NewGeneration): Promise<StoredGeneration> {
    const at = this.#now().toISOString()
    const args = { collection, wanted, at }
    return this.#threads.writer.call('beginGeneration', args)
  }

  lacking(collection: number, generation: number, after: number): Promise<LackingSlice> {
    const args = { collection, generation, after }
    return this.#threads.scanner.call('lacking', args)
  }

  addVectors(
    collection: number,
    generation: number,
    vectors: readonly { readonly key: number; readonly vector: Float32Array }[],
  ): Promise<number> {
    const dimensions = vectors[0]?.vector.length ?? 0
    const all = new Float32Array(vectors.length * dimensions)
    for (const [i, { vector }] of vectors.entries()) all.set(vector, i * dimensions)
    const keys = vectors.map(({ key }) => key)
    return this.#threads.writer.call(
      'addVectors',
      { collection, generation, keys, vectors: all },
      { bytes: all.byteLength, transfer: [all.buffer] },
    )
  }

  switchTo(collection: number, generation: number, records: number): Promise<StoredCollection> {
    const args = { collection, generation, records }
    return this.#threads.writer.call('switchGeneration', args)
  }

  drop(collection: number, generation: number): Promise<void> {
    return this.#threads.writer.call('dropGeneration', { collection, generation })
  }

  records(collection: number): Promise<number> {
    return this.#threads.reader.call('records', { collection })
  }
}
