import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, removeFiles, synced } from '../../../files/durable-files.ts'
import { TREE_KINDS } from '../../../index/metric/row-tree.ts'
import type { StructureSnapshot } from '../../../index/metric/structure-snapshot.ts'
import { type CachePlace, cacheName } from '../cache-files/cache-place.ts'
import { type FiledVector, readTreeFile, type TreeSubject, writeTreeFile } from './tree-file.ts'

/** The file of one tree: `7.vp-tree`, or `7.2.vp-tree` for that of generation 2. It is whole whenever it has this name. */
export class TreeFiles {
  readonly #folder: string
  readonly #subject: TreeSubject

  constructor(
    { folder, collection, generation, metric }: CachePlace,
    of: Pick<TreeSubject, 'tree' | 'dimensions'>,
  ) {
    this.#folder = folder
    this.#subject = { collection, generation, metric, ...of }
  }

  /** Puts a file in the place of an older one. @throws what the file system throws; the older one is then still there. */
  async save(snapshot: StructureSnapshot, vectors: Iterable<FiledVector>): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const fresh = `${this.#path}.new`
    try {
      await synced(fresh, 'w', (file) => writeTreeFile(file, this.#subject, snapshot, vectors))
      await rename(fresh, this.#path)
      await synced(this.#folder, 'r')
    } catch (error) {
      await rm(fresh, { force: true })
      throw error
    }
  }

  /**
   * Null when there is no file; else what `restore` makes of the snapshot of a sound one.
   * @throws DamagedFile for one that cannot be used, and what `visit` and `restore` throw; the file is gone then.
   */
  async load<T>(
    visit: (found: FiledVector) => void,
    restore: (snapshot: StructureSnapshot) => T,
  ): Promise<T | null> {
    // Of a start that ended while it was written.
    await rm(`${this.#path}.new`, { force: true })
    try {
      return restore(await readTreeFile(this.#path, this.#subject, visit))
    } catch (error) {
      if (isMissing(error)) return null
      await this.remove()
      throw error
    }
  }

  async remove(): Promise<void> {
    for (const path of [this.#path, `${this.#path}.new`]) await rm(path, { force: true })
  }

  get #path(): string {
    return join(this.#folder, `${cacheName(this.#subject)}.${this.#subject.tree}`)
  }
}

const OURS = new RegExp(`^(\\d+(?:\\.\\d+)?)\\.(?:${TREE_KINDS.join('|')})(?:\\.new)?$`)

/** Removes the trees of collections, and of generations, that are not in force any more. */
export async function keepTrees(
  folder: string,
  inForce: readonly Pick<CachePlace, 'collection' | 'generation'>[],
): Promise<void> {
  const names = new Set(inForce.map(cacheName))
  await removeFiles(folder, (file) => {
    const ours = OURS.exec(file)
    return ours !== null && !names.has(ours[1]!)
  })
}
