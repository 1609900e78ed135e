import type { SpaceKind } from '../../../vector/space.ts'

/** What a cache file is of. */
export interface CacheSubject {
  /** The key of the collection; never used again. */
  readonly collection: number
  /** Of its vectors. */
  readonly generation: number
  readonly metric: SpaceKind
}

export interface CachePlace extends CacheSubject {
  readonly folder: string
}

/** What files of it are named by: a generation's number is there from the second on. */
export function cacheName({
  collection,
  generation,
}: Pick<CacheSubject, 'collection' | 'generation'>): string {
  return generation === 0 ? `${collection}` : `${collection}.${generation}`
}
