import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'

/** Versions and where their vectors are; none of the rows may be written meanwhile. */
interface VersionsInRows {
  readonly rows: RowsView
  /** Row `numbers[i]` holds version `keys[i]`. */
  readonly numbers: Uint32Array
  readonly keys: Float64Array
}

/** Asks for up to `wanted` versions, with a candidate list of `ef`. */
export interface GraphQuery {
  readonly graph: number
  readonly vector: Float32Array
  readonly wanted: number
  readonly ef: number
}

/** `graph` is a number that the caller chose. */
export type GraphTask =
  | { readonly kind: 'create'; readonly graph: number; readonly dimensions: number }
  | ({ readonly kind: 'add'; readonly graph: number } & VersionsInRows)
  | { readonly kind: 'remove'; readonly graph: number; readonly keys: Float64Array }
  | { readonly kind: 'search'; readonly queries: readonly GraphQuery[] }
  /** No change of the graph may be under way. */
  | { readonly kind: 'save'; readonly graph: number; readonly place: CachePlace }
  /** From its file, where that holds the truth: of what it holds, these versions are in use. */
  | ({ readonly kind: 'load'; readonly graph: number; readonly place: CachePlace } & VersionsInRows)
  | { readonly kind: 'forget'; readonly place: CachePlace }
  | { readonly kind: 'drop'; readonly graph: number }

export type ToGraph =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: GraphTask }
  /** Comes last: the thread ends between two calls of the library. */
  | { readonly kind: 'end' }

/** Null for a task that has nothing to say. */
export type GraphResult =
  /** Of each query in order: versions, the nearest first. */
  | { readonly kind: 'found'; readonly keys: readonly Float64Array[] }
  /** Rows whose versions are in the graph that was loaded, ascending, and how many others it holds. */
  | { readonly kind: 'loaded'; readonly held: Uint32Array; readonly dead: number }
  /** The file was not written, or cannot be used; null: there is none. */
  | { readonly kind: 'refused'; readonly reason: string | null }

export interface GraphReply {
  readonly number: number
  readonly result: GraphResult | null
}

export type FromGraph = GraphReply | { readonly number: number; readonly failure: string }
