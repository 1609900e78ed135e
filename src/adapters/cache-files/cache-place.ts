import type { SpaceKind } from '../../vector/space.ts'

/** What a cache file is of. */
export interface CacheSubject {
  /** The key of the collection; never used again. */
  readonly collection: number
  readonly metric: SpaceKind
}

export interface CachePlace extends CacheSubject {
  readonly folder: string
}
