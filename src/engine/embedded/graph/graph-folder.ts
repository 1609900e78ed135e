import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DamagedFile, isMissing, removeFiles, synced } from '../../../files/durable-files.ts'
import type { FileFacts } from '../../../files/hashing-reader.ts'
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../../files/private-files.ts'
import { expectSame, sealed, unsealed } from '../../../files/sealed-json.ts'
import {
  type CachePlace,
  type CacheSubject,
  cacheName,
  cacheNameOf,
} from '../cache-files/cache-place.ts'
import { eraseVectors } from './erase-vectors.ts'
import { type GraphShape, inspectGraph, type VisitVersion } from './graph-file.ts'

// The files of one collection's graph: `7.json` names and describes `7-….hnsw`, `7.2.json` the one of its generation 2.
// The description is what makes a graph count: it comes last, by one rename. `7.loading` is there while the library
// reads a graph: where a start finds it, the one before ended in that, and the graph is not tried again.

const MAGIC = 'lookalike graph'
const VERSION = 2

/** The description beside a graph's file, since the library would load any file. */
interface Sidecar extends CacheSubject, GraphShape, FileFacts {
  /** The name of the graph's file in the same folder. */
  readonly file: string
  /** The newest version that the truth had given the graph. */
  readonly newestKey: number
}

/**
 * Has a graph written by `write`, which reports no failure, and puts it in the place of an older one. The vectors of
 * versions that have ended are not in the file.
 * @throws DamagedFile where it is not what was to be written, and what the file system throws.
 */
export async function saveGraph(
  place: CachePlace,
  { dimensions, links, efConstruction, count }: GraphShape,
  newestKey: number,
  write: (path: string) => Promise<void>,
): Promise<void> {
  await mkdir(place.folder, { recursive: true, mode: PRIVATE_FOLDER })
  await removeGraph(place, /\.new$/)
  const graph = pathOf(place, '.hnsw.new')
  try {
    // The library keeps the mode of a file that is there.
    await synced(graph, 'w', undefined, PRIVATE_FILE)
    await write(graph)
    const shape = { dimensions, links, efConstruction, count }
    await eraseVectors(graph, shape, (_label, deleted) => deleted)
    await describeGraph(place, graph, shape, newestKey)
  } catch (error) {
    await removeGraph(place, /\.new$/)
    throw error
  }
}

/**
 * Erases the vectors of versions that have ended from the file, where there is one. A process that ends on the way leaves
 * a file whose checksum does not hold. @throws DamagedFile for one that cannot be used; its files are gone then.
 */
export async function eraseFromGraph(
  place: CachePlace,
  wanted: Omit<GraphShape, 'count'>,
  ended: ReadonlySet<number>,
): Promise<void> {
  try {
    const text = await textOf(place, '.json')
    if (text === null) return
    const { folder, ...subject } = place
    const { count, newestKey, file } = readSidecar(text, { ...subject, ...wanted })
    const path = join(folder, file)
    const shape = { ...wanted, count }
    if (!(await eraseVectors(path, shape, (label) => ended.has(label)))) return
    await describeGraph(place, path, shape, newestKey)
  } catch (error) {
    await removeGraph(place)
    throw error
  }
}

/** Checks a graph's file, gives it its name, and makes it count. */
async function describeGraph(
  place: CachePlace,
  graph: string,
  shape: GraphShape,
  newestKey: number,
): Promise<void> {
  const { folder, collection, generation, metric } = place
  const description = pathOf(place, '.json.new')
  const { bytes, sha256 } = await inspectGraph(graph, shape)
  await synced(graph, 'r')
  const file = `${cacheName(place)}-${sha256.slice(0, 16)}.hnsw`
  const subject = { magic: MAGIC, version: VERSION, collection, generation, metric }
  const text = sealed({ ...subject, ...shape, newestKey, file, bytes, sha256 })
  // Before the file has its name: on a full disk nothing is left that no description names.
  await synced(description, 'w', (opened) => opened.writeFile(text), PRIVATE_FILE)
  await rename(graph, join(folder, file))
  await rename(description, pathOf(place, '.json'))
  await synced(folder, 'r')
  await removeGraph(place, /\.(hnsw|loading)$/, file)
}

/**
 * Gives a sound graph to `read`; resolves to null when there is none.
 * @throws DamagedFile for one that cannot be used, also by the library; its files are gone then.
 */
export async function loadGraph<T>(
  place: CachePlace,
  wanted: Omit<GraphShape, 'count'>,
  visit: VisitVersion,
  read: (path: string, newestKey: number) => Promise<T>,
): Promise<T | null> {
  try {
    if ((await textOf(place, '.loading')) !== null) {
      throw new DamagedFile('the last start ended while the library read it')
    }
    const text = await textOf(place, '.json')
    if (text === null) return null
    const { folder, ...subject } = place
    const sidecar = readSidecar(text, { ...subject, ...wanted })
    const { file, newestKey, bytes, sha256 } = sidecar
    const path = join(folder, file)
    const found = await inspectGraph(path, sidecar, visit).catch((cause) => {
      if (!isMissing(cause)) throw cause
      throw new DamagedFile('the file that its description names is missing', { cause })
    })
    if (found.bytes !== bytes) throw new DamagedFile(`expected ${bytes} bytes, got ${found.bytes}`)
    if (found.sha256 !== sha256) throw new DamagedFile('its checksum does not hold')
    await synced(pathOf(place, '.loading'), 'w', undefined, PRIVATE_FILE)
    const graph = await read(path, newestKey)
    await rm(pathOf(place, '.loading'))
    return graph
  } catch (error) {
    await removeGraph(place)
    throw error
  }
}

/** Removes the files of this generation of the collection: those that match, but one. */
export async function removeGraph(
  place: CachePlace,
  pattern = /./,
  but: string | null = null,
): Promise<void> {
  const name = cacheName(place)
  await removeFiles(place.folder, (file) => {
    return cacheNameOf(file) === name && pattern.test(file) && file !== but
  })
}

/** @throws DamagedFile for any text that was not written for such a graph. */
export function readSidecar(
  text: string,
  wanted: CacheSubject & Omit<GraphShape, 'count'>,
): Sidecar {
  const sidecar = unsealed<Sidecar>(text)
  expectSame(sidecar, { magic: MAGIC, version: VERSION, ...wanted })
  return sidecar
}

function pathOf(place: CachePlace, ending: string): string {
  return join(place.folder, `${cacheName(place)}${ending}`)
}

function textOf(place: CachePlace, ending: string): Promise<string | null> {
  return readFile(pathOf(place, ending), 'utf8').catch((error) => {
    if (isMissing(error)) return null
    throw error
  })
}
