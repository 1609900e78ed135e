import { removeFiles } from '../../../files/durable-files.ts'
import type { SpaceKind } from '../../../vector/space.ts'

interface CacheOwner {
  /** The key of the collection; never used again. */
  readonly collection: number
  readonly generation: number
}

/** The vectors that a cache file is of. */
export interface CacheSubject extends CacheOwner {
  readonly metric: SpaceKind
}

export interface CachePlace extends CacheSubject {
  readonly folder: string
}

/** The name of a generation's files, and their endings: those of a graph, and those of a tree. */
const OURS =
  /^(\d+(?:\.\d+)?)(?:-[0-9a-f]+\.hnsw|\.hnsw\.new|\.json|\.json\.new|\.loading|\.(?:vp|m)-tree(?:\.new)?)$/

/** Gives the name of a generation's files: the number of the generation is in it from the second on. */
export function cacheName({ collection, generation }: CacheOwner): string {
  return generation === 0 ? `${collection}` : `${collection}.${generation}`
}

/** Null for a file that is none of ours. */
export function cacheNameOf(file: string): string | null {
  return OURS.exec(file)?.[1] ?? null
}

/** Removes the cache files of collections, and of generations, that are not active any more. */
export async function keepActive(folder: string, active: readonly CacheOwner[]): Promise<void> {
  const names = new Set(active.map(cacheName))
  await removeFiles(folder, (file) => {
    const name = cacheNameOf(file)
    return name !== null && !names.has(name)
  })
}
