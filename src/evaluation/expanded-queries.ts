import { matrixOf, type RowMatrix, rowOf } from '../vector/row-matrix.ts'
import type { SpaceKind } from '../vector/space.ts'
import type { GalleryImages } from './evaluate-gallery.ts'
import { meanRow } from './mean-row.ts'

/** As a search takes unless told otherwise. */
const NEIGHBOURS = 5

/**
 * Collects the nearest images of each query, whoever they are of, and makes its expanded query of them: the mean of them and the
 * query (average query expansion, Chum et al., ICCV 2007). Of a query that is in the gallery its own row is left out.
 */
export class ExpandedQueries {
  readonly #queries: GalleryImages
  /** The rows of the nearest images of each query, the nearest first; -1 for none. */
  readonly #nearest: Int32Array
  readonly #distances = new Float64Array(NEIGHBOURS)

  constructor(queries: GalleryImages) {
    this.#queries = queries
    this.#nearest = new Int32Array(queries.classes.length * NEIGHBOURS).fill(-1)
  }

  /** Takes the squared distances of one query to the gallery. */
  see(query: number, squared: Float64Array): void {
    const distances = this.#distances.fill(Number.POSITIVE_INFINITY)
    const nearest = this.#nearest.subarray(query * NEIGHBOURS, (query + 1) * NEIGHBOURS)
    const own = this.#queries.ownRows?.[query] ?? -1
    for (let row = 0; row < squared.length; row++) {
      const distance = squared[row]!
      if (distance >= distances[NEIGHBOURS - 1]! || row === own) continue
      let at = NEIGHBOURS - 1
      for (; at > 0 && distances[at - 1]! > distance; at--) {
        distances[at] = distances[at - 1]!
        nearest[at] = nearest[at - 1]!
      }
      distances[at] = distance
      nearest[at] = row
    }
  }

  /** Gives the expanded queries, in the order of the queries, once each was seen. @throws NOTHING_TO_EVALUATE. */
  vectors(gallery: RowMatrix, space: SpaceKind): RowMatrix {
    const { vectors } = this.#queries
    const { dimensions } = vectors
    const expanded = new Float32Array(vectors.values.length)
    for (let query = 0; query < vectors.count; query++) {
      const rows = this.#nearest.subarray(query * NEIGHBOURS, (query + 1) * NEIGHBOURS)
      const found = Array.from(rows.filter((row) => row >= 0))
      const averaged = [rowOf(vectors, query), ...found.map((row) => rowOf(gallery, row))]
      expanded.set(meanRow(averaged, space), query * dimensions)
    }
    return matrixOf(expanded, dimensions)
  }
}
