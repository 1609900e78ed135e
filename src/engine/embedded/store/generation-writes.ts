import { AppError } from '../../../errors.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import type { NewGeneration, StoredGeneration } from '../../generation.ts'
import type { Database } from './database.ts'
import {
  type CollectionRow,
  GENERATION_COLUMNS,
  type LiveCollection,
  liveCollections,
  type StoredCollection,
  toStoredCollection,
  unknownGeneration,
  vectorBlob,
} from './stored-row.ts'

interface Generation {
  readonly collection: number
  readonly generation: number
}

interface GenerationStart {
  readonly collection: number
  readonly wanted: NewGeneration
  /** The time of the change, ISO 8601, UTC. */
  readonly at: string
}

interface GenerationVectors extends Generation {
  readonly keys: readonly number[]
  /** One row of the generation's dimensions for each key. */
  readonly vectors: Float32Array
}

/** The calls of the thread that writes generations, each to be run inside a transaction of the caller. */
export class GenerationWrites {
  protected readonly live: (collection: number) => LiveCollection
  readonly #statements

  constructor(database: Database) {
    this.#statements = prepareStatements(database)
    this.live = liveCollections(database)
  }

  beginGeneration({ collection, wanted, at }: GenerationStart): StoredGeneration {
    const { generation, dimensions } = this.live(collection)
    const { model, modelSha256, activeSha256 } = wanted
    const { spec } = this.#collection(collection)
    if (spec.model !== null) {
      const active = { generation, model: spec.model, modelSha256: activeSha256, dimensions }
      this.#statements.noteActive.run({ collection, ...active, at })
    }
    const same = this.#statements.sameModel.get(collection, model, modelSha256, wanted.dimensions)
    if (same !== undefined) return same
    const next = this.#statements.nextNumber.get(collection)!
    const begun = { generation: next, model, modelSha256, dimensions: wanted.dimensions }
    this.#statements.add.run({ collection, ...begun, at })
    return this.#find(collection, next)
  }

  addVectors({ collection, generation, keys, vectors }: GenerationVectors): number {
    this.live(collection)
    const { dimensions } = this.#find(collection, generation)
    if (vectors.length !== keys.length * dimensions) {
      throw new AppError(
        'DIMENSION_MISMATCH',
        `expected ${keys.length} vectors of ${dimensions} numbers, got ${vectors.length} numbers`,
      )
    }
    let added = 0
    for (const [i, key] of keys.entries()) {
      const vector = vectors.subarray(i * dimensions, (i + 1) * dimensions)
      added += this.addVector(collection, generation, key, vector)
    }
    return added
  }

  /** @returns 0 for a version that is not there or has its vector already. */
  protected addVector(
    collection: number,
    generation: number,
    key: number,
    vector: Float32Array,
  ): 0 | 1 {
    const added = { collection, generation, key, vector: vectorBlob(vector) }
    const { changes } = this.#statements.addVector.run(added)
    if (changes === 0) return 0
    this.#statements.grow.run(vector.byteLength, collection)
    return 1
  }

  /** The bytes of the vectors that a version has beside its own. */
  protected bytesOf(key: number): number {
    return this.#statements.bytesOf.get(key)!
  }

  switchGeneration({
    collection,
    generation,
    records,
  }: Generation & { readonly records: number }): StoredCollection {
    const live = this.live(collection)
    const { model, dimensions } = this.#find(collection, generation)
    if (live.records !== records) {
      throw new AppError('STORE_FAILED', `expected ${records} records, found ${live.records}`)
    }
    const { spec } = this.#collection(collection)
    const next: CollectionSpec = { ...spec, model, dimensions }
    this.#statements.switchTo.run(generation, JSON.stringify(next), dimensions, collection)
    return this.#collection(collection)
  }

  dropGeneration({ collection, generation }: Generation): void {
    const live = this.live(collection)
    this.#find(collection, generation)
    if (live.generation === generation) {
      throw new AppError(
        'GENERATION_IN_FORCE',
        `expected a generation that is not active, got ${generation}`,
      )
    }
    this.#statements.markDropped.run(collection, generation)
  }

  #collection(collection: number): StoredCollection {
    return toStoredCollection(this.#statements.collection.get(collection)!)
  }

  #find(collection: number, generation: number): StoredGeneration {
    const found = this.#statements.find.get(collection, generation)
    if (found === undefined) throw unknownGeneration(generation)
    return found
  }
}

function prepareStatements(database: Database) {
  const columns = GENERATION_COLUMNS
  return {
    collection: database.prepare<[number], CollectionRow>(
      'SELECT key, spec, generation, created_at AS createdAt FROM collections WHERE key = ?',
    ),
    find: database.prepare<[number, number], StoredGeneration>(
      `SELECT ${columns} FROM generations WHERE collection = ? AND generation = ? AND dropped = 0`,
    ),
    sameModel: database.prepare<[number, string, string, number], StoredGeneration>(
      `SELECT ${columns} FROM generations WHERE collection = ? AND model = ? AND model_sha256 = ?
         AND dimensions = ? AND dropped = 0 ORDER BY generation DESC LIMIT 1`,
    ),
    noteActive: database.prepare<[object]>(
      `INSERT OR IGNORE INTO generations (collection, generation, model, model_sha256, dimensions, created_at)
       VALUES ($collection, $generation, $model, $modelSha256, $dimensions, $at)`,
    ),
    add: database.prepare<[object]>(
      `INSERT INTO generations (collection, generation, model, model_sha256, dimensions, created_at)
       VALUES ($collection, $generation, $model, $modelSha256, $dimensions, $at)`,
    ),
    nextNumber: database
      .prepare<[number], number>(
        `UPDATE collections SET last_generation = last_generation + 1 WHERE key = ?
         RETURNING last_generation`,
      )
      .pluck(),
    addVector: database.prepare<[object]>(
      `INSERT OR IGNORE INTO vectors (record, generation, vector)
       SELECT key, $generation, $vector FROM records
       WHERE key = $key AND collection = $collection AND generation <> $generation`,
    ),
    grow: database.prepare<[number, number]>(
      'UPDATE collections SET bytes = bytes + ? WHERE key = ?',
    ),
    bytesOf: database
      .prepare<[number], number>(
        'SELECT coalesce(sum(octet_length(vector)), 0) FROM vectors WHERE record = ?',
      )
      .pluck(),
    switchTo: database.prepare<[number, string, number, number]>(
      'UPDATE collections SET generation = ?, spec = ?, dimensions = ? WHERE key = ?',
    ),
    markDropped: database.prepare<[number, number]>(
      'UPDATE generations SET dropped = 1 WHERE collection = ? AND generation = ?',
    ),
  }
}
