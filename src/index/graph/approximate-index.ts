/** The state of the graph of one collection. Wherever it cannot answer, the exact index does. */
export type GraphState =
  /** There is none, nor is one made: too few records, not begun, or the collection never has one. */
  | { readonly kind: 'none'; readonly reason: string }
  /** The first graph is being made: `done` of `wanted` records are in it. */
  | { readonly kind: 'building'; readonly done: number; readonly wanted: number }
  /**
   * It answers. `fresh` records are not in it yet and are searched exactly; `dead` vectors in it are of no record
   * any more. `rebuilding`: the next one, which will take its place.
   */
  | {
      readonly kind: 'ready'
      readonly records: number
      readonly fresh: number
      readonly dead: number
      readonly rebuilding: { readonly done: number; readonly wanted: number } | null
    }
  /** Making it failed, for good. */
  | { readonly kind: 'failed'; readonly reason: string }

/** The graph that answers, and what has become of it. */
export interface GraphContents {
  /** Another number is another graph. */
  readonly graph: number
  /** The number of versions that came into it or ended in it. */
  readonly changes: number
  /** Records in it. */
  readonly records: number
}

/** Versions that a graph has found, the nearest first. Those of equal vectors are found together, or none of them. */
export interface FoundVersions {
  readonly keys: Float64Array
  /** Where the versions of each vector end among the keys; null where each has a vector of its own. */
  readonly ends: Uint32Array | null
}

/** The rows of a collection as the graph needs them: each holds one version of a record. */
export interface VersionedRows {
  readonly slots: {
    /** The number of rows in use. */
    readonly count: number
    /** Gives the rows in use, ascending. */
    rowsInUse(): Uint32Array
    /** Gives the version that a row holds. */
    key(row: number): number
  }
  /** Keeps rows that are freed from being used again, until what it returns is called. */
  pin(): () => void
}

/**
 * Port: a graph over the rows of one collection, that finds most of the nearest in little time. It names versions
 * (see KeyedRecord.key), and no distances: the caller computes those it publishes.
 *
 * Calls of one turn take effect in their order: a search sees the versions of its moment.
 */
export interface ApproximateIndex {
  readonly state: GraphState
  /** Null unless it is ready. */
  readonly contents: GraphContents | null
  /** About how many bytes it takes. */
  readonly memoryBytes: number
  /** To be called once all that the truth holds was `written`: from then on the graph is made, and kept up. */
  start(rows: VersionedRows): void
  /** To be called when a new version was written to a row. */
  written(row: number): void
  /** To be called when the version that a row held has ended. */
  freed(row: number): void
  /**
   * Finds `wanted` versions near the vector, or somewhat more where the last have equal vectors; among them may be some
   * that have ended. `ef`: how many vectors the graph keeps in sight, at least `wanted`; more finds more of the nearest,
   * and takes longer. Only when it is ready. @throws THREAD_FAILED, QUEUE_FULL, SHUTTING_DOWN.
   */
  search(vector: Float32Array, wanted: number, ef: number): Promise<FoundVersions>
  /** Gives the bits of the rows that the graph does not have yet, of those allowed (null: all); null for none. */
  fresh(allowed: Uint32Array | null): Uint32Array | null
  /** Makes another graph in the background, as when the recall of this one has fallen. */
  rebuild(): void
  /** Resolves once its file has nothing more of versions that ended before, or there is no file. */
  erased(): Promise<void>
  /** To be called when the collection is gone. */
  release(): void
}
