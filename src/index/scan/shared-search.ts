import { roundedUp } from '../../kernels/kernels.ts'

/** Float32 numbers that are not negative are in the order of their bits; these are those of Infinity. */
const INFINITE = 0x7f800000
/** Above this k the parts of a search do not share the distances they find: too much would be compared. */
const MAX_SHARED_K = 128

/**
 * How the parts of a search lie in shared memory: for each part whether it has begun; then for each query the chunks
 * of rows that were taken, a number of changes, and `k` places a part for the distances they have found.
 */
export interface SharedSearch {
  readonly words: SharedArrayBuffer
  readonly parts: number
  /** The largest k of the queries; 0 where the distances are not shared. */
  readonly k: number
  /** Rows that a part takes at a time of a range that all of them have; null where each has a range of its own. */
  readonly chunk: number | null
}

/** Makes the shared memory of one search of several queries. @param k of the query with the largest. */
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

/** Takes a chunk that no part has taken before, and returns its number; at the end there is no such chunk any more. */
export function takeChunk({ words, parts, k }: SharedSearch, part: number, query: number): number {
  const all = new Int32Array(words)
  // Before it takes one: who sees that all are taken, and it has not begun, knows that it has none.
  Atomics.store(all, part, 1)
  return Atomics.add(all, takenAt(parts, k, query), 1)
}

/** Tells whether a part may have taken rows. Where one has found none left, a part that has not begun gets none either. */
export function hasBegun({ words, chunk }: SharedSearch, part: number): boolean {
  return chunk === null || Atomics.load(new Int32Array(words), part) === 1
}

/** Where the words of a query begin: the chunks taken, then the changes, then the places. */
function takenAt(parts: number, k: number, query: number): number {
  return parts + query * (2 + parts * k)
}

/**
 * The distances that the parts of one query have found, each part in places of its own, so that all of them leave
 * out what is beyond the k-th nearest of all. A place holds the distance of one row at a time, rounded up, and a row is
 * put in one place once: the k-th smallest of all places, whenever each of them is read, is that of k different
 * rows or more, so that no row beyond it can be among the answers (docs/exactness.md, section 4).
 */
export class SharedRadius {
  readonly parts: number
  readonly #words: Int32Array
  readonly #k: number
  /** Where the places of all parts begin and end, and those of this part begin. */
  readonly #first: number
  readonly #end: number
  readonly #own: number
  #held = 0
  #seenChanges = INFINITE
  #bound = Number.POSITIVE_INFINITY
  readonly #float = new Float32Array(1)
  readonly #bits = new Int32Array(this.#float.buffer)

  /** @param k of this query, at most that of the search, which shares distances. */
  constructor({ words, parts, k: most }: SharedSearch, query: number, part: number, k: number) {
    this.parts = parts
    this.#words = new Int32Array(words)
    this.#k = k
    this.#first = takenAt(parts, most, query) + 2
    this.#end = this.#first + parts * most
    this.#own = this.#first + part * most
  }

  /** Adds the published distance of a row that may be returned; no row may be added twice. */
  add(distance: number): void {
    if (distance >= this.#bound) return
    this.#float[0] = roundedUp(distance)
    const bits = this.#bits[0]!
    if (this.#held < this.#k) {
      this.#put(this.#own + this.#held++, bits)
      return
    }
    let farthest = this.#own
    for (let i = this.#own + 1; i < this.#own + this.#k; i++) {
      if (this.#words[i]! > this.#words[farthest]!) farthest = i
    }
    if (bits < this.#words[farthest]!) this.#put(farthest, bits)
  }

  /** No row beyond this published distance can be among the k nearest. Never grows. */
  get bound(): number {
    const changes = Atomics.load(this.#words, this.#first - 1)
    // Fewer changes than k have filled fewer places than k: there is no k-th.
    if (changes === this.#seenChanges || changes < this.#k) return this.#bound
    this.#seenChanges = changes
    const found = new Int32Array(this.#end - this.#first)
    for (let i = 0; i < found.length; i++) found[i] = Atomics.load(this.#words, this.#first + i)
    this.#bits[0] = found.sort()[this.#k - 1]!
    this.#bound = Math.min(this.#bound, this.#float[0]!)
    return this.#bound
  }

  #put(place: number, bits: number): void {
    Atomics.store(this.#words, place, bits)
    Atomics.add(this.#words, this.#first - 1, 1)
  }
}
