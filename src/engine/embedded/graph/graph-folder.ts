import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DamagedFile, isMissing, removeFiles, synced } from '../../../files/durable-files.ts'
import type { FileFacts } from '../../../files/hashing-reader.ts'
import { type CachePlace, cacheName } from '../cache-files/cache-place.ts'
import { type GraphShape, inspectGraph, type VisitVersion } from './graph-file.ts'
import { readSidecar, renderSidecar, type Sidecar } from './graph-sidecar.ts'

/**
 * The files of one collection's graph: `7.json` names and describes `7-….hnsw`, `7.2.json` the one of its generation 2.
 * The description is what makes a graph count: it comes last, by one rename. `7.loading` is there while the library
 * reads a graph: where a start finds it, the one before ended in that, and the graph is not tried again.
 */
export class GraphFiles {
  readonly #place: CachePlace

  constructor(place: CachePlace) {
    this.#place = place
  }

  /**
   * Has a graph written by `write`, which says nothing of failures, and puts it in the place of an older one.
   * @throws DamagedFile where it is not what was to be written, and what the file system throws.
   */
  async save(
    shape: GraphShape,
    newestKey: number,
    write: (path: string) => Promise<void>,
  ): Promise<void> {
    const { folder, collection, generation, metric } = this.#place
    await mkdir(folder, { recursive: true })
    await this.#removeAll(/\.new$/)
    const graph = this.#path('.hnsw.new')
    const description = this.#path('.json.new')
    try {
      await write(graph)
      const facts = await inspectGraph(graph, shape)
      await synced(graph, 'r')
      const file = `${cacheName(this.#place)}-${facts.sha256.slice(0, 16)}.hnsw`
      await rename(graph, join(folder, file))
      const sidecar = { collection, generation, metric, ...shape, newestKey, ...facts, file }
      await synced(description, 'w', (opened) => opened.writeFile(renderSidecar(sidecar)))
      await rename(description, this.#path('.json'))
      await synced(folder, 'r')
      await this.#removeAll(/\.(hnsw|loading)$/, file)
    } catch (error) {
      await this.#removeAll(/\.new$/)
      throw error
    }
  }

  /**
   * Null when there is no graph; a sound one is given to `read`.
   * @throws DamagedFile for one that cannot be used, also by the library; its files are gone then.
   */
  async load<T>(
    wanted: Omit<GraphShape, 'count'>,
    visit: VisitVersion,
    read: (path: string, sidecar: Sidecar) => Promise<T>,
  ): Promise<T | null> {
    try {
      if ((await this.#text('.loading')) !== null) {
        throw new DamagedFile('the last start ended while the library read it')
      }
      const text = await this.#text('.json')
      if (text === null) return null
      const { folder, ...subject } = this.#place
      const sidecar = readSidecar(text, { ...subject, ...wanted })
      const path = join(folder, sidecar.file)
      checkFacts(await this.#inspect(path, sidecar, visit), sidecar)
      await synced(this.#path('.loading'), 'w')
      const graph = await read(path, sidecar)
      await rm(this.#path('.loading'))
      return graph
    } catch (error) {
      await this.remove()
      throw error
    }
  }

  /** Everything of this generation of the collection. */
  async remove(): Promise<void> {
    await this.#removeAll(/./)
  }

  async #inspect(path: string, shape: GraphShape, visit: VisitVersion): Promise<FileFacts> {
    try {
      return await inspectGraph(path, shape, visit)
    } catch (cause) {
      if (!isMissing(cause)) throw cause
      throw new DamagedFile('the file that its description names is missing', { cause })
    }
  }

  #path(ending: string): string {
    return join(this.#place.folder, `${cacheName(this.#place)}${ending}`)
  }

  async #text(ending: string): Promise<string | null> {
    try {
      return await readFile(this.#path(ending), 'utf8')
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async #removeAll(pattern: RegExp, but: string | null = null): Promise<void> {
    const { folder } = this.#place
    const name = cacheName(this.#place)
    await removeFiles(folder, (file) => {
      return nameOf(file) === name && pattern.test(file) && file !== but
    })
  }
}

/** Removes the graphs of collections, and of generations, that are not in force any more. */
export async function keepGraphs(
  folder: string,
  inForce: readonly Pick<CachePlace, 'collection' | 'generation'>[],
): Promise<void> {
  const names = new Set(inForce.map(cacheName))
  await removeFiles(folder, (file) => {
    const name = nameOf(file)
    return name !== null && !names.has(name)
  })
}

/** Null for a file that is none of ours. */
function nameOf(file: string): string | null {
  const match =
    /^(\d+(?:\.\d+)?)(?:-[0-9a-f]+\.hnsw|\.hnsw\.new|\.json|\.json\.new|\.loading)$/.exec(file)
  return match?.[1] ?? null
}

function checkFacts(found: FileFacts, { bytes, sha256 }: Sidecar): void {
  if (found.bytes !== bytes) throw new DamagedFile(`expected ${bytes} bytes, got ${found.bytes}`)
  if (found.sha256 !== sha256) throw new DamagedFile('its checksum does not hold')
}
