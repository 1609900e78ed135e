import { AppError, shown } from '../../errors.ts'
import type { Random } from '../../vector/random.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { CollectionSpec } from '../collection-spec.ts'
import type { GenerationDraft, LackingRecord, LackingSlice } from '../generation.ts'
import type { RecordWithVector } from '../record.ts'
import type { Generation } from './generation.ts'
import type { RecordStore } from './store/record-store.ts'

/** How far the length of a unit vector may be from 1. */
const UNIT_WITHIN = 1e-4

interface DraftOwner {
  readonly key: number
  readonly active: Generation
  noteEnded(keys: number[] | null): void
  replaceActive(generation: Generation): void
}

/** A generation that is being made: its vectors are in the store, and on demand in memory beside the active ones. */
export class EmbeddedDraft implements GenerationDraft {
  readonly spec: CollectionSpec
  readonly generation: number
  readonly isActive: boolean
  readonly #collection: DraftOwner
  readonly #next: Generation
  readonly #store: RecordStore
  /** Keys of versions that ended since it began to load. */
  readonly #ended: number[] = []
  /** The number of these that were deleted from it. */
  #deleted = 0
  #loadedUpto = 0

  constructor(collection: DraftOwner, next: Generation, store: RecordStore) {
    this.#collection = collection
    this.#next = next
    this.#store = store
    this.spec = next.spec
    this.generation = next.generation
    this.isActive = next.generation === collection.active.generation
  }

  get count(): number {
    return this.#next.count
  }

  lacking(after: number): Promise<LackingSlice> {
    return this.#store.generations.lacking(this.#collection.key, this.generation, after)
  }

  addVectors(
    vectors: readonly { readonly position: number; readonly vector: Float32Array }[],
  ): Promise<number> {
    return this.#store.generations.addVectors(this.#collection.key, this.generation, vectors)
  }

  async activeVector({ id, position }: LackingRecord): Promise<Float32Array | null> {
    const { rows } = this.#collection.active
    if (rows.keyOf(id) !== position) return null
    const vector = await rows.vector(id)
    return rows.keyOf(id) === position ? vector : null
  }

  async load(upto: number): Promise<void> {
    const after = this.#loadedUpto
    if (after === 0) this.#collection.noteEnded(this.#ended)
    await this.#next.fill(this.#store, { after, upto }, soundVector(this.spec.metric))
    this.#loadedUpto = upto
    this.#next.delete(this.#ended.slice(this.#deleted))
    this.#deleted = this.#ended.length
  }

  async sample(wanted: number, random: Random): Promise<readonly RecordWithVector[]> {
    const { rows } = this.#next
    const sampled: RecordWithVector[] = []
    for (const { id, vector } of await rows.sample(wanted, random)) {
      const record = await this.#store.record(this.#collection.key, id)
      // A vector belongs to one version of the record alone.
      if (record === null || record.key !== rows.keyOf(id)) continue
      const { metadata, image, hasContent, updatedAt } = record
      sampled.push({ id, metadata, image, hasContent, updatedAt, vector })
    }
    return sampled
  }

  async activate(records: number): Promise<void> {
    const { key } = this.#collection
    await this.#store.generations.switchTo(key, this.generation, records)
    await this.#next.rows.filled()
    this.#collection.noteEnded(null)
    this.#collection.replaceActive(this.#next)
  }

  release(): void {
    if (this.#collection.active === this.#next) return
    this.#collection.noteEnded(null)
    void this.#next.release()
  }
}

/** Makes a check of stored vectors. @throws REEMBED_DIFFERS for one that is not finite, or not unit where it should be. */
function soundVector(metric: SpaceKind): (id: string, vector: Float32Array) => void {
  return (id, vector) => {
    let squared = 0
    for (const value of vector) squared += value * value
    const length = Math.sqrt(squared)
    const unit = metric === 'cosine'
    if (unit ? Math.abs(length - 1) <= UNIT_WITHIN : Number.isFinite(length)) return
    const wanted = unit ? 'length 1' : 'finite numbers'
    throw new AppError(
      'REEMBED_DIFFERS',
      `expected a vector of ${wanted} for ${shown(id)}, got length ${length}`,
    )
  }
}
