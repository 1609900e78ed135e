import hnswlib from 'hnswlib-node'

/** M, and how widely an insertion looks around (Malkov and Yashunin, arXiv 1603.09320). */
export const GRAPH_LINKS = 16
export const GRAPH_EF_CONSTRUCTION = 200
/** The same versions, added in the same order, then make the same graph. */
const SEED = 100
const FIRST_CAPACITY = 1024
/** The library takes larger labels and wraps them around, without a word. */
export const MAX_LABEL = 2 ** 32 - 1

/**
 * One graph of the library, under squared Euclidean distance; on unit vectors that is the order of cosine distance too.
 * A label is a version's key, so it is never used twice: adding a deleted label again is where the library has open bugs.
 */
export class Hnsw {
  readonly #graph: hnswlib.HierarchicalNSW
  /** The library takes plain arrays only, and to make one costs as much as to hand it over. */
  readonly #point: number[]

  private constructor(graph: hnswlib.HierarchicalNSW) {
    this.#graph = graph
    this.#point = new Array<number>(graph.getNumDimensions()).fill(0)
  }

  static empty(dimensions: number): Hnsw {
    const graph = new hnswlib.HierarchicalNSW('l2', dimensions)
    graph.initIndex(FIRST_CAPACITY, GRAPH_LINKS, GRAPH_EF_CONSTRUCTION, SEED)
    return new Hnsw(graph)
  }

  /** Reads into an object of its own: one that is searched, or whose reading failed, brings the process down. */
  static async read(path: string, dimensions: number): Promise<Hnsw> {
    const graph = new hnswlib.HierarchicalNSW('l2', dimensions)
    await graph.readIndex(path)
    return new Hnsw(graph)
  }

  get count(): number {
    return this.#graph.getCurrentCount()
  }

  add(key: number, vector: Float32Array): void {
    const capacity = this.#graph.getMaxElements()
    if (this.count === capacity) this.#graph.resizeIndex(Math.ceil(capacity * 1.5))
    this.#graph.addPoint(this.#plain(vector), key)
  }

  /** Gives the vector of a label that is not marked as deleted. */
  vector(key: number): Float32Array {
    return Float32Array.from(this.#graph.getPoint(key))
  }

  /** Marks a version; it is still walked through, and no longer found. */
  remove(key: number): void {
    this.#graph.markDelete(key)
  }

  /** Finds up to `wanted` versions, the nearest first. */
  search(vector: Float32Array, wanted: number, ef: number): Float64Array {
    // The library refuses to search for more than it has room for.
    const most = Math.min(wanted, this.#graph.getMaxElements())
    this.#graph.setEf(Math.max(ef, most))
    return Float64Array.from(this.#graph.searchKnn(this.#plain(vector), most).neighbors)
  }

  /** Writes in a thread of the library's; searches may run meanwhile, changes may not. It reports no failure. */
  async write(path: string): Promise<void> {
    await this.#graph.writeIndex(path)
  }

  #plain(vector: Float32Array): number[] {
    const point = this.#point
    for (let i = 0; i < point.length; i++) point[i] = vector[i]!
    return point
  }
}
