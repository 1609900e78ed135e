import type { SetDistance } from './set-distance.ts'

/** The name of a set of rows. Values of different types are different names. */
export type SetName = string | number | boolean

/** Sets of rows as they are from now on, each in the place of an older one of its name. */
export interface SetChanges {
  readonly names: readonly SetName[]
  /** Where the rows of each name end in `rows`. A set without rows is forgotten. */
  readonly ends: Uint32Array
  readonly rows: Uint32Array
}

export interface SetQuery {
  /** One or more vectors as stored; or the name of a set that is there, which is left out of the answer. */
  readonly of:
    | { readonly kind: 'vectors'; readonly vectors: readonly Float32Array[] }
    | { readonly kind: 'set'; readonly name: SetName }
  /** Left out: `hausdorff`. */
  readonly distance?: SetDistance
  /** At least 1. */
  readonly k: number
  /** Published distance, inclusive; Infinity for none. */
  readonly radius: number
  /** Bits of rows that are left out of the sets that are searched, and with them sets of nothing else. */
  readonly without?: Uint32Array
}

export interface FoundSet {
  readonly name: SetName
  /** Published. */
  readonly distance: number
  /** The number of its rows, but for those left out. */
  readonly size: number
  /** Its row that is nearest to any vector of the query, the first of those that tie, and the distance to that vector. */
  readonly nearest: { readonly row: number; readonly distance: number }
  /** For each vector of the query its row that is nearest to it, the first of those that tie. */
  readonly best: readonly { readonly row: number; readonly distance: number }[]
  /** The number of vectors of the query that are nearest to this set, where they vote. */
  readonly votes?: number
}

export interface SetAnswer {
  /** The k nearest within the radius by votes, where there are any, then distance, then name. */
  readonly found: readonly FoundSet[]
  /** The number of sets that were searched. */
  readonly sets: number
  /** The number of them that were compared with the query: all but the set that it is. */
  readonly compared: number
}
