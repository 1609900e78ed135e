import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DamagedFile, isMissing, synced } from '../../../files/durable-files.ts'
import { CHUNK_BYTES, HashingReader } from '../../../files/hashing-reader.ts'
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../../files/private-files.ts'
import { expectSame, sealed, unsealed } from '../../../files/sealed-json.ts'
import type { TreeKind } from '../../../index/metric/row-tree.ts'
import type { StructureSnapshot } from '../../../index/metric/structure-snapshot.ts'
import { type CachePlace, cacheName } from '../cache-files/cache-place.ts'

/** The file of one tree: `7.vp-tree`, or `7.2.vp-tree` for generation 2. It is whole whenever it has this name. */
export interface TreePlace extends CachePlace {
  readonly tree: TreeKind
  readonly dimensions: number
}

/** A vector in a file: the version it is of, and the id by which the snapshot names it. */
export interface FiledVector {
  readonly key: number
  readonly id: number
  readonly vector: Float32Array
}

interface Description {
  /** The number of vectors. */
  readonly count: number
  /** The number of the snapshot's numbers, which follow them. */
  readonly numbers: number
  readonly structure: Omit<StructureSnapshot, 'numbers'>
  /** The hash of all that follows the header. */
  readonly sha256: string
}

const MAGIC = 'lookalike tree'
/** The version of the file; the snapshot has one of its own. */
const VERSION = 2
/** The header is a description, filled up with spaces. */
const HEADER_BYTES = 1024

/** Puts a file in the place of an older one. @throws what the file system throws; the older one is then still there. */
export async function saveTree(
  place: TreePlace,
  snapshot: StructureSnapshot,
  vectors: Iterable<FiledVector>,
): Promise<void> {
  const path = pathOf(place)
  const fresh = `${path}.new`
  await mkdir(place.folder, { recursive: true, mode: PRIVATE_FOLDER })
  try {
    await synced(fresh, 'w', (file) => write(file, place, snapshot, vectors), PRIVATE_FILE)
    await rename(fresh, path)
    await synced(place.folder, 'r')
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/**
 * Gives what `restore` makes of the snapshot of a sound file; null when there is none. `visit` gets the file's vectors,
 * which are its own; they count for nothing unless `restore` is called.
 * @throws DamagedFile for one that cannot be used, and what `visit` and `restore` throw; the file is gone then.
 */
export async function loadTree<T>(
  place: TreePlace,
  visit: (found: FiledVector) => void,
  restore: (snapshot: StructureSnapshot) => T,
): Promise<T | null> {
  // A start may have ended while it was written.
  await rm(`${pathOf(place)}.new`, { force: true })
  try {
    return restore(await read(place, visit))
  } catch (error) {
    if (isMissing(error)) return null
    await removeTree(place)
    throw error
  }
}

export async function removeTree(place: TreePlace): Promise<void> {
  for (const ending of ['', '.new']) await rm(`${pathOf(place)}${ending}`, { force: true })
}

/**
 * Changes from which a tree's file is out of date: it is written again, and a start does not use it. To make up for
 * more than a tenth soon takes an M-tree as long as to be built (bench/tree-files.ts); a thousand take no time to speak of.
 */
export function toleratedChanges(records: number): number {
  return Math.max(1000, 0.1 * records)
}

function pathOf(place: TreePlace): string {
  return join(place.folder, `${cacheName(place)}.${place.tree}`)
}

function subjectOf({ collection, generation, metric, tree, dimensions }: TreePlace) {
  return { magic: MAGIC, version: VERSION, collection, generation, metric, tree, dimensions }
}

/**
 * Writes a header, then of each vector its key (float64), id (uint32) and numbers (float32), then the snapshot's
 * numbers (float64), in the byte order of this machine.
 */
async function write(
  file: FileHandle,
  place: TreePlace,
  snapshot: StructureSnapshot,
  vectors: Iterable<FiledVector>,
): Promise<void> {
  const hash = createHash('sha256')
  let count = 0
  function* body(): Generator<Uint8Array> {
    const { dimensions } = place
    const bytes = recordBytes(dimensions)
    const chunk = new DataView(new ArrayBuffer(Math.max(bytes, CHUNK_BYTES)))
    let end = 0
    for (const { key, id, vector } of vectors) {
      if (end + bytes > chunk.byteLength) {
        yield new Uint8Array(chunk.buffer, 0, end)
        end = 0
      }
      chunk.setFloat64(end, key, true)
      chunk.setUint32(end + 8, id, true)
      new Float32Array(chunk.buffer, end + 12, dimensions).set(vector)
      end += bytes
      count++
    }
    yield new Uint8Array(chunk.buffer, 0, end)
    yield* chunksOf(snapshot.numbers)
  }
  await file.writeFile(Buffer.alloc(HEADER_BYTES))
  for (const bytes of body()) {
    hash.update(bytes)
    // It writes all of them, behind what was written before.
    await file.writeFile(bytes)
  }
  const { numbers, ...structure } = snapshot
  const facts = { count, numbers: numbers.length, structure, sha256: hash.digest('hex') }
  const header = sealed({ ...subjectOf(place), ...facts }).padEnd(HEADER_BYTES)
  await file.write(Buffer.from(header), 0, HEADER_BYTES, 0)
}

/** Reads a file from its first to its last byte. @throws DamagedFile with the value found and the value wanted. */
async function read(
  place: TreePlace,
  visit: (found: FiledVector) => void,
): Promise<StructureSnapshot> {
  const file = await open(pathOf(place), 'r')
  try {
    const { dimensions } = place
    const { count, numbers: length, structure, sha256 } = await readHeader(file, place)
    const reader = new HashingReader(file)
    for (let i = 0; i < count; i++) {
      const record = await reader.take(recordBytes(dimensions))
      const vector = new Float32Array(record.buffer, record.byteOffset + 12, dimensions).slice()
      visit({ key: record.getFloat64(0, true), id: record.getUint32(8, true), vector })
    }
    const numbers = new Float64Array(length)
    for (const bytes of chunksOf(numbers)) {
      const { buffer, byteOffset } = await reader.take(bytes.length)
      bytes.set(new Uint8Array(buffer, byteOffset, bytes.length))
    }
    const found = await reader.finish()
    if (found.sha256 !== sha256) throw new DamagedFile('its checksum does not hold')
    return { ...structure, numbers }
  } finally {
    await file.close()
  }
}

async function readHeader(file: FileHandle, place: TreePlace): Promise<Description> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES)
  if (bytesRead < HEADER_BYTES) throw new DamagedFile(`the file ends after ${bytesRead} bytes`)
  const text = buffer.toString('utf8')
  const description = unsealed<Description>(`${text.trimEnd()}\n`)
  if (sealed(description).padEnd(HEADER_BYTES) !== text) {
    throw new DamagedFile('its description is not followed by spaces alone')
  }
  expectSame(description, subjectOf(place))
  const { count, numbers } = description
  const bytes = HEADER_BYTES + count * recordBytes(place.dimensions) + numbers * 8
  const { size } = await file.stat()
  // Checked before room for them is taken.
  if (size !== bytes) throw new DamagedFile(`expected ${bytes} bytes, got ${size}`)
  return description
}

/** A multiple of four, so that the numbers of each vector are aligned. */
function recordBytes(dimensions: number): number {
  return 12 + 4 * dimensions
}

/** Gives the bytes behind numbers, in place, as much at once as is read or written in one go. */
function* chunksOf({ buffer, byteOffset, byteLength }: Float64Array): Generator<Uint8Array> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength)
  for (let at = 0; at < byteLength; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}
