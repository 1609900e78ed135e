import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { DamagedFile } from '../../../files/damaged-file.ts'
import { CHUNK_BYTES, HashingReader } from '../../../files/hashing-reader.ts'
import { expectSame, sealed, unsealed } from '../../../files/sealed-json.ts'
import type { TreeKind } from '../../../index/metric/row-tree.ts'
import type { StructureSnapshot } from '../../../index/metric/structure-snapshot.ts'
import type { CacheSubject } from '../cache-files/cache-place.ts'

const MAGIC = 'lookalike tree'
/** Of the file; the snapshot has one of its own. */
const VERSION = 2
/** A description, filled up with spaces. */
const HEADER_BYTES = 1024

/** What a collection wants of a tree's file. */
export interface TreeSubject extends CacheSubject {
  readonly tree: TreeKind
  readonly dimensions: number
}

interface Description extends TreeSubject {
  /** Vectors in it. */
  readonly count: number
  /** Of the snapshot, which follows them. */
  readonly numbers: number
  readonly structure: Omit<StructureSnapshot, 'numbers'>
  /** Of all that follows the header. */
  readonly sha256: string
}

/** A vector in a file: the version it is of, and the id by which the snapshot names it. */
export interface FiledVector {
  readonly key: number
  readonly id: number
  readonly vector: Float32Array
}

/**
 * Writes a header, then of each vector its key (float64), id (uint32) and numbers (float32), then the snapshot's
 * numbers (float64), in the byte order of this machine.
 */
export async function writeTreeFile(
  file: FileHandle,
  { collection, generation, metric, tree, dimensions }: TreeSubject,
  snapshot: StructureSnapshot,
  vectors: Iterable<FiledVector>,
): Promise<void> {
  const body = new HashingWriter(file)
  await file.writeFile(Buffer.alloc(HEADER_BYTES))
  let count = 0
  for (const { key, id, vector } of vectors) {
    const record = await body.room(recordBytes(dimensions))
    record.setFloat64(0, key, true)
    record.setUint32(8, id, true)
    new Float32Array(record.buffer, record.byteOffset + 12, dimensions).set(vector)
    count++
  }
  const { numbers, ...structure } = snapshot
  await body.write(numbers)
  const description = {
    ...{ magic: MAGIC, version: VERSION, collection, generation, metric, tree, dimensions },
    ...{ count, numbers: numbers.length, structure, sha256: await body.finish() },
  }
  await file.write(Buffer.from(sealed(description).padEnd(HEADER_BYTES)), 0, HEADER_BYTES, 0)
}

/**
 * Reads a file from its first to its last byte. What `visit` is given, which is its own, counts for nothing unless
 * this resolves.
 *
 * @throws DamagedFile with the value found and the value wanted, and what `visit` throws.
 */
export async function readTreeFile(
  path: string,
  wanted: TreeSubject,
  visit: (found: FiledVector) => void,
): Promise<StructureSnapshot> {
  const file = await open(path, 'r')
  try {
    const { count, numbers, structure, sha256 } = await readHeader(file, wanted)
    const reader = new HashingReader(file)
    for (let i = 0; i < count; i++) {
      const record = await reader.take(recordBytes(wanted.dimensions))
      const start = record.byteOffset + 12
      const vector = new Float32Array(record.buffer, start, wanted.dimensions).slice()
      visit({ key: record.getFloat64(0, true), id: record.getUint32(8, true), vector })
    }
    const snapshot = { ...structure, numbers: await takeNumbers(reader, numbers) }
    const found = await reader.finish()
    if (found.sha256 !== sha256) throw new DamagedFile('its checksum does not hold')
    return snapshot
  } finally {
    await file.close()
  }
}

async function readHeader(file: FileHandle, wanted: TreeSubject): Promise<Description> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES)
  if (bytesRead < HEADER_BYTES) throw new DamagedFile(`the file ends after ${bytesRead} bytes`)
  const text = buffer.toString('utf8')
  const description = unsealed<Description>(`${text.trimEnd()}\n`)
  if (sealed(description).padEnd(HEADER_BYTES) !== text) {
    throw new DamagedFile('its description is not followed by spaces alone')
  }
  const { collection, generation, metric, tree, dimensions } = wanted
  expectSame(description, {
    ...{ magic: MAGIC, version: VERSION, collection, generation, metric, tree, dimensions },
  })
  const { count, numbers } = description
  const bytes = HEADER_BYTES + count * recordBytes(dimensions) + numbers * 8
  const { size } = await file.stat()
  // Before room for so many is taken.
  if (size !== bytes) throw new DamagedFile(`expected ${bytes} bytes, got ${size}`)
  return description
}

async function takeNumbers(reader: HashingReader, count: number): Promise<Float64Array> {
  const bytes = new Uint8Array(count * 8)
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const part = await reader.take(Math.min(CHUNK_BYTES, bytes.length - at))
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at)
  }
  return new Float64Array(bytes.buffer)
}

function recordBytes(dimensions: number): number {
  return 12 + 4 * dimensions
}

/** Writes bytes in order, and hashes them on the way. */
class HashingWriter {
  readonly #file: FileHandle
  readonly #hash = createHash('sha256')
  #buffer = Buffer.from(new ArrayBuffer(CHUNK_BYTES))
  #end = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** The next bytes, to be filled before the next call; they begin at a multiple of four where all have such lengths. */
  async room(bytes: number): Promise<DataView> {
    if (this.#end + bytes > this.#buffer.length) await this.#flush()
    if (bytes > this.#buffer.length) this.#buffer = Buffer.from(new ArrayBuffer(bytes))
    const room = new DataView(this.#buffer.buffer, this.#end, bytes)
    this.#end += bytes
    return room
  }

  async write(numbers: Float64Array): Promise<void> {
    await this.#flush()
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      await this.#put(bytes.subarray(at, at + CHUNK_BYTES))
    }
  }

  async finish(): Promise<string> {
    await this.#flush()
    return this.#hash.digest('hex')
  }

  async #flush(): Promise<void> {
    await this.#put(this.#buffer.subarray(0, this.#end))
    this.#end = 0
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    // Goes on where it stands, and writes all.
    await this.#file.writeFile(bytes)
  }
}
