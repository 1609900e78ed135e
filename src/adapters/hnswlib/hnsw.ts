import hnswlib from 'hnswlib-node'

/** Malkov and Yashunin, arXiv 1603.09320: links a node, and how widely an insertion looks around. */
export const GRAPH_LINKS = 16
const GRAPH_EF_CONSTRUCTION = 200
/** The same versions, added in the same order, then make the same graph. */
const SEED = 100
const FIRST_CAPACITY = 1024
/** The library takes larger labels and wraps them around, without a word. */
export const MAX_LABEL = 2 ** 32 - 1

/**
 * One graph of the library, under squared Euclidean distance; on unit vectors that is the order of cosine distance too. A label is
 * a version's key, so it is never used twice: adding a deleted label again is where the library has open bugs.
 */
export class Hnsw {
  readonly #graph: hnswlib.HierarchicalNSW
  /** The library takes plain arrays only, and to make one costs as much as to hand it over. */
  readonly #point: number[]
  #capacity = FIRST_CAPACITY
  #count = 0

  constructor(dimensions: number) {
    this.#graph = new hnswlib.HierarchicalNSW('l2', dimensions)
    this.#graph.initIndex(FIRST_CAPACITY, GRAPH_LINKS, GRAPH_EF_CONSTRUCTION, SEED)
    this.#point = new Array<number>(dimensions).fill(0)
  }

  add(key: number, vector: Float32Array): void {
    if (this.#count === this.#capacity) {
      this.#capacity = Math.ceil(this.#capacity * 1.5)
      this.#graph.resizeIndex(this.#capacity)
    }
    this.#graph.addPoint(this.#plain(vector), key)
    this.#count++
  }

  /** Marks a version; it is still walked through, and no longer found. */
  remove(key: number): void {
    this.#graph.markDelete(key)
  }

  /** Up to `wanted` versions, the nearest first. */
  search(vector: Float32Array, wanted: number, ef: number): Float64Array {
    // The library refuses to be asked for more than it has room for.
    const most = Math.min(wanted, this.#capacity)
    this.#graph.setEf(Math.max(ef, most))
    return Float64Array.from(this.#graph.searchKnn(this.#plain(vector), most).neighbors)
  }

  #plain(vector: Float32Array): number[] {
    const point = this.#point
    for (let i = 0; i < point.length; i++) point[i] = vector[i]!
    return point
  }
}
