/** Float32 numbers that are not negative are in the order of their bits. */
export const INFINITE = 0x7f800000
/** Above this k the parts of a search do not share the distances they find: too much would be compared. */
const MAX_SHARED_K = 128
/** Chunks of rows for each part: one that starts late, or is slow, holds the others up for one of them at most. */
const CHUNKS_A_PART = 8

/**
 * How the parts of a search lie in shared memory: for each part whether it has begun; then for each query the chunks
 * of rows that were taken, a number of changes, and `k` places a part for the distances they have found.
 */
export interface SharedSearch {
  readonly words: SharedArrayBuffer
  readonly parts: number
  /** Of the query with the largest; 0 where the distances are not shared. */
  readonly k: number
  /** Rows that a part takes at a time of a range that all of them have; null where each has a range of its own. */
  readonly chunk: number | null
}

/** For one search of several queries. @param k of the query with the largest. */
export function sharedSearch(
  queries: number,
  { parts, k, chunk }: Omit<SharedSearch, 'words'>,
): SharedSearch {
  const shared = k > MAX_SHARED_K ? 0 : k
  const words = new Int32Array(new SharedArrayBuffer(takenAt(parts, shared, queries) * 4))
  words.fill(INFINITE, parts)
  for (let query = 0; query < queries; query++) words[takenAt(parts, shared, query)] = 0
  return { words: words.buffer, parts, k: shared, chunk }
}

/** The number of a chunk that no part has taken before; at the end there is no such chunk any more. */
export function takeChunk({ words, parts, k }: SharedSearch, part: number, query: number): number {
  const all = new Int32Array(words)
  // Before it takes one: who sees that all are taken, and it has not begun, knows that it has none.
  Atomics.store(all, part, 1)
  return Atomics.add(all, takenAt(parts, k, query), 1)
}

/** Whether a part may have taken rows. Where one has found none left, a part that has not begun gets none either. */
export function hasBegun({ words, chunk }: SharedSearch, part: number): boolean {
  return chunk === null || Atomics.load(new Int32Array(words), part) === 1
}

/** For so many rows: a multiple of 32, as the words of bits that tell of rows are. */
export function chunkRows(rows: number, parts: number): number {
  return Math.ceil(rows / (parts * CHUNKS_A_PART) / 32) * 32
}

/** Where the words of a query begin: the chunks taken, then the changes, then the places. */
export function takenAt(parts: number, k: number, query: number): number {
  return parts + query * (2 + parts * k)
}
