import { AppError, shown } from '../../../errors.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import type { Forgotten } from '../../identity-store.ts'
import { type Metadata, mergeMetadata, parseMetadata } from '../../metadata.ts'
import type { Database } from './database.ts'
import { prepareForgetting, type WireForgotten } from './forget-identity.ts'
import { GenerationWrites } from './generation-writes.ts'
import { IdentityChanges, type WireIdentityChange } from './identity-changes.ts'
import {
  type DeletedVersions,
  RECORD_COLUMNS,
  type RecordRow,
  type StoredCollection,
  storedFingerprint,
  TOMBSTONES_KEPT,
  toWireRecord,
  vectorBlob,
  type WireNewRecord,
  type WireRecord,
} from './stored-row.ts'

/** Bytes after which a deletion leaves the rest to the next: they are overwritten, and pass through the log. */
const DELETED_BYTES_AT_ONCE = 8 * 1024 * 1024
/** About the bytes of a row and its entries in four indexes. */
const ROW_OVERHEAD_BYTES = 128

const SIZE_COLUMNS = `octet_length(metadata) AS metadataBytes,
  octet_length(id) + octet_length(metadata) + octet_length(vector) + coalesce(content_bytes, 0)
    + ${ROW_OVERHEAD_BYTES} AS bytes`

interface Size {
  readonly bytes: number
  readonly metadataBytes: number
}

/** What went with one version. */
interface Freed {
  /** About. */
  readonly bytes: number
  readonly vectors: number
  readonly contents: number
}

interface Collection {
  readonly collection: number
}

interface Timed {
  /** The time of the change, ISO 8601, UTC. */
  readonly at: string
}

interface Put extends Collection, Timed {
  readonly record: WireNewRecord
}

interface Patch extends Collection, Timed {
  readonly id: string
  /** JSON text. */
  readonly patch: string
}

interface Deletion extends Collection {
  readonly keys: readonly number[]
  /** About the most bytes to free; the rest is left. */
  readonly mostBytes?: number
}

interface DocumentText extends Collection {
  readonly name: string
  /** JSON text. */
  readonly document: string
}

/** Jobs travel as the JSON text that is stored. */
interface JobText {
  readonly id: string
  readonly job: string
}

/** The calls of the thread that writes: changes, each to be run inside a transaction of the caller. */
export class WriteOperations extends GenerationWrites {
  readonly #statements
  readonly #identities: IdentityChanges
  readonly #forgetIdentity: (forgotten: WireForgotten) => Forgotten
  /** The number of the last change. It only grows: the number of a change that was rolled back stays unused. */
  #seq: number

  constructor(database: Database) {
    super(database)
    this.#statements = prepareStatements(database)
    this.#forgetIdentity = prepareForgetting(database)
    this.#identities = new IdentityChanges(database, this.#setMetadata.bind(this))
    this.#seq = this.#statements.readSeq.get()!
  }

  createCollection({ spec, at }: { readonly spec: CollectionSpec } & Timed): StoredCollection {
    const { isTaken, addCollection } = this.#statements
    if (isTaken.get(spec.name) !== undefined) {
      throw new AppError(
        'COLLECTION_DIFFERS',
        `expected a new collection name, got ${shown(spec.name)}, which is taken`,
      )
    }
    const added = addCollection.run(spec.name, JSON.stringify(spec), spec.dimensions, at)
    return { key: Number(added.lastInsertRowid), spec, generation: 0, createdAt: at }
  }

  dropCollection({ collection }: Collection): void {
    this.live(collection)
    this.#statements.markDropped.run(collection)
  }

  put({ collection, record, at }: Put): { key: number; replacedKey: number | null } {
    const { dimensions, generation } = this.live(collection)
    const { id, vector, metadata, image, content, next, expiresAt = null } = record
    if (vector.length !== dimensions) {
      throw new AppError(
        'DIMENSION_MISMATCH',
        `expected ${dimensions} numbers, got ${vector.length} for ${shown(id)}`,
      )
    }
    const fingerprint = storedFingerprint(image)
    const replacedKey = this.#statements.keyOfId.get(collection, id) ?? null
    if (replacedKey !== null) this.#delete(collection, replacedKey)
    const added = this.#statements.addRecord.get({
      collection,
      id,
      seq: ++this.#seq,
      at,
      contentHash: image?.contentHash ?? null,
      mediaType: image?.mediaType ?? null,
      width: image?.width ?? null,
      height: image?.height ?? null,
      imageBytes: image?.bytes ?? null,
      contentBytes: content?.bytes.byteLength ?? null,
      fingerprint: fingerprint === null ? null : Buffer.from(fingerprint, 'hex'),
      metadata,
      vector: vectorBlob(vector),
      generation,
    })!
    if (content !== null) {
      this.#statements.addContent.run(added.key, content.mediaType, content.bytes)
    }
    if (expiresAt !== null) this.#statements.addExpiry.run(added.key, expiresAt)
    this.#grow(collection, 1, added.bytes, added.metadataBytes)
    if (next) this.addVector(collection, next.generation, added.key, next.vector)
    return { key: added.key, replacedKey }
  }

  patchMetadata({ collection, id, patch, at }: Patch): WireRecord | null {
    this.live(collection)
    const row = this.#statements.recordOfId.get(collection, id)
    if (row === undefined) return null
    const merged = mergeMetadata(
      JSON.parse(row.metadata) as Metadata,
      JSON.parse(patch) as Metadata,
    )
    return this.#setMetadata(collection, row, merged, at)
  }

  deleteKeys({ collection, keys, mostBytes = DELETED_BYTES_AT_ONCE }: Deletion): DeletedVersions {
    this.live(collection)
    const deleted: number[] = []
    let [bytes, vectors, contents] = [0, 0, 0]
    for (const [i, key] of keys.entries()) {
      if (bytes >= mostBytes) return { deleted, left: keys.length - i, vectors, contents }
      const freed = this.#delete(collection, key)
      if (freed === null) continue
      deleted.push(key)
      bytes += freed.bytes
      vectors += freed.vectors
      contents += freed.contents
    }
    return { deleted, left: 0, vectors, contents }
  }

  changeIdentities(change: WireIdentityChange): ReturnType<IdentityChanges['change']> {
    this.live(change.collection)
    return this.#identities.change(change)
  }

  forgetIdentity(forgotten: WireForgotten): Forgotten {
    this.live(forgotten.collection)
    return this.#forgetIdentity(forgotten)
  }

  /** Keeps a document in the place of the one of its name. */
  keepDocument({ collection, name, document }: DocumentText): void {
    this.live(collection)
    this.#statements.keepDocument.run(collection, name, document)
  }

  addJob({ id, job, input }: JobText & { readonly input: string }): void {
    this.#statements.addJob.run(id, job, input)
  }

  saveJob({ id, job }: JobText): void {
    this.#statements.saveJob.run(job, id)
  }

  forgetJob({ id }: { readonly id: string }): void {
    this.#statements.forgetJob.run(id)
  }

  /** Writes the place of the changes in the order of all. The caller makes this the last call of each transaction. */
  stampSeq(): void {
    this.#statements.writeSeq.run(this.#seq)
    this.#statements.forgetTombstones.run(this.#seq - TOMBSTONES_KEPT)
  }

  /** Returns null when there is no such version. */
  #delete(collection: number, key: number): Freed | null {
    const besides = this.bytesOf(key)
    const others = this.#statements.otherVectors.get(key)!
    const deleted = this.#statements.deleteRecord.get(collection, key)
    if (deleted === undefined) return null
    this.#statements.addTombstone.run(++this.#seq, collection, key)
    this.#grow(collection, -1, -deleted.bytes - besides, -deleted.metadataBytes)
    return {
      bytes: deleted.bytes + besides,
      vectors: 1 + others,
      contents: deleted.hasContent,
    }
  }

  /** @throws INVALID_METADATA. */
  #setMetadata(collection: number, row: RecordRow, next: Metadata, at: string): WireRecord {
    const metadata = JSON.stringify(parseMetadata(next))
    this.#statements.setMetadata.run(metadata, ++this.#seq, at, row.key)
    const growth = Buffer.byteLength(metadata) - Buffer.byteLength(row.metadata)
    this.#grow(collection, 0, growth, growth)
    return toWireRecord({ ...row, metadata, updatedAt: at })
  }

  #grow(collection: number, records: number, bytes: number, metadataBytes: number): void {
    this.#statements.growCollection.run(records, bytes, metadataBytes, collection)
  }
}

function prepareStatements(database: Database) {
  return {
    readSeq: database.prepare<[], number>('SELECT seq FROM state').pluck(),
    writeSeq: database.prepare<[number]>('UPDATE state SET seq = ?'),
    isTaken: database.prepare<[string], number>(
      'SELECT key FROM collections WHERE name = ? AND dropped = 0',
    ),
    addCollection: database.prepare<[string, string, number, string]>(
      'INSERT INTO collections (name, spec, dimensions, created_at) VALUES (?, ?, ?, ?)',
    ),
    markDropped: database.prepare<[number]>('UPDATE collections SET dropped = 1 WHERE key = ?'),
    growCollection: database.prepare<[number, number, number, number]>(
      `UPDATE collections SET records = records + ?, bytes = bytes + ?,
       metadata_bytes = metadata_bytes + ? WHERE key = ?`,
    ),
    keyOfId: database
      .prepare<[number, string], number>('SELECT key FROM records WHERE collection = ? AND id = ?')
      .pluck(),
    recordOfId: database.prepare<[number, string], RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE collection = ? AND id = ?`,
    ),
    addRecord: database.prepare<[object], Size & { key: number }>(
      `INSERT INTO records (collection, id, seq, updated_at, content_hash, media_type, width,
         height, image_bytes, content_bytes, fingerprint, metadata, vector, generation)
       VALUES ($collection, $id, $seq, $at, $contentHash, $mediaType, $width,
         $height, $imageBytes, $contentBytes, $fingerprint, $metadata, $vector, $generation)
       RETURNING key, ${SIZE_COLUMNS}`,
    ),
    addContent: database.prepare<[number, string, Uint8Array]>(
      'INSERT INTO contents (record, media_type, bytes) VALUES (?, ?, ?)',
    ),
    addExpiry: database.prepare<[number, number]>(
      'INSERT INTO expiries (record, at) VALUES (?, ?)',
    ),
    setMetadata: database.prepare<[string, number, string, number]>(
      'UPDATE records SET metadata = ?, seq = ?, updated_at = ? WHERE key = ?',
    ),
    deleteRecord: database.prepare<[number, number], Size & { hasContent: number }>(
      `DELETE FROM records WHERE collection = ? AND key = ?
       RETURNING ${SIZE_COLUMNS}, content_bytes IS NOT NULL AS hasContent`,
    ),
    otherVectors: database
      .prepare<[number], number>('SELECT count(*) FROM vectors WHERE record = ?')
      .pluck(),
    addTombstone: database.prepare<[number, number, number]>(
      'INSERT INTO tombstones (seq, collection, key) VALUES (?, ?, ?)',
    ),
    addJob: database.prepare<[string, string, string]>(
      'INSERT INTO jobs (id, job, input) VALUES (?, ?, ?)',
    ),
    saveJob: database.prepare<[string, string]>('UPDATE jobs SET job = ? WHERE id = ?'),
    keepDocument: database.prepare<[number, string, string]>(
      `INSERT INTO documents (collection, name, document) VALUES (?, ?, ?)
       ON CONFLICT (collection, name) DO UPDATE SET document = excluded.document`,
    ),
    forgetJob: database.prepare<[string]>('DELETE FROM jobs WHERE id = ?'),
    forgetTombstones: database.prepare<[number]>('DELETE FROM tombstones WHERE seq <= ?'),
  }
}
