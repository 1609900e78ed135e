import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'

/** Versions and where their vectors are; none of the rows may be written meanwhile. */
interface VersionsInRows {
  readonly rows: RowsView
  /** Row `numbers[i]` holds version `keys[i]`. */
  readonly numbers: Uint32Array
  readonly keys: Float64Array
}

/** A query for up to `wanted` versions, with a candidate list of `ef`. */
export interface GraphQuery {
  readonly graph: number
  readonly vector: Float32Array
  readonly wanted: number
  readonly ef: number
}

/** The file was not written, or cannot be used; null: there is none. */
export interface Refused {
  readonly kind: 'refused'
  readonly reason: string | null
}

/** `graph` is a number that the caller chose. */
export type GraphCalls = {
  create: { args: { readonly graph: number; readonly dimensions: number }; result: undefined }
  add: { args: { readonly graph: number } & VersionsInRows; result: undefined }
  remove: { args: { readonly graph: number; readonly keys: Float64Array }; result: undefined }
  /** Returns the versions found by each query in order, the nearest first. */
  search: { args: readonly GraphQuery[]; result: readonly Float64Array[] }
  /** Writes the file. No change of the graph may be under way. */
  save: {
    args: { readonly graph: number; readonly place: CachePlace }
    result: Refused | { readonly kind: 'saved' }
  }
  /** Reads the file, where that holds the truth: of what it holds, these versions are in use. */
  load: {
    args: { readonly graph: number; readonly place: CachePlace } & VersionsInRows
    /** Rows whose versions are in the graph, ascending, and the number of others that it holds. */
    result: Refused | { readonly kind: 'loaded'; readonly held: Uint32Array; readonly dead: number }
  }
  /** Removes the file. */
  forget: { args: CachePlace; result: undefined }
  drop: { args: { readonly graph: number }; result: undefined }
}
