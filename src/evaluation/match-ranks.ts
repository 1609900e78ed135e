import { AppError } from '../errors.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { BLOCK_ROWS, fillBlock, squaredDistances } from './distance-block.ts'
import { MatchCounter } from './match-counter.ts'

/** Vectors with the number of the class, or identity, of each row. */
export interface ClassedRows {
  readonly vectors: RowMatrix
  readonly classes: Int32Array
}

export interface RankingTask {
  readonly queries: ClassedRows
  readonly gallery: ClassedRows
  /**
   * Whether a gallery row of the query's class is no part of the answer: the query itself, or what
   * the same camera saw. Rows of other classes always count.
   */
  readonly leftOut: (query: number, row: number) => boolean
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/**
 * Ranks the gallery for every query by canonical Euclidean distance, then row number, and tells
 * where the rows of the query's class came out. Ranks count from 1, after `leftOut` rows are gone.
 *
 * All measures of a ranking follow from these ranks. They are counted rather than sorted: a row of
 * another class only adds one to the ranks of the matches behind it. Four rows of distances are
 * held at a time, never a matrix of all pairs.
 *
 * @param visit gets the query's row and the ranks of its matches, ascending; empty without a match.
 * The ranks are only good during the call.
 * @throws DIMENSION_MISMATCH when queries and gallery differ in dimensions.
 */
export function rankMatches(
  { queries, gallery, leftOut, onProgress }: RankingTask,
  visit: (query: number, ranks: Uint32Array) => void,
): void {
  checkShapes(queries, gallery)
  const { count, dimensions } = gallery.vectors
  const total = queries.vectors.count
  const block = new Float64Array(BLOCK_ROWS * dimensions)
  const distances = new Float64Array(BLOCK_ROWS * count)
  const counter = new MatchCounter(count)
  for (let first = 0; first < total; first += BLOCK_ROWS) {
    const end = Math.min(total, first + BLOCK_ROWS)
    const rows = Array.from({ length: end - first }, (_, lane) => first + lane)
    fillBlock(block, queries.vectors, rows)
    squaredDistances(block, gallery.vectors, distances)
    for (const [lane, query] of rows.entries()) {
      const row = distances.subarray(lane * count, (lane + 1) * count)
      const isLeftOut = (other: number) => leftOut(query, other)
      visit(query, counter.ranks(row, gallery.classes, queries.classes[query]!, isLeftOut))
    }
    onProgress?.(end, total)
  }
}

function checkShapes(queries: ClassedRows, gallery: ClassedRows): void {
  if (queries.vectors.dimensions !== gallery.vectors.dimensions) {
    throw new AppError(
      'DIMENSION_MISMATCH',
      `expected queries of the gallery's ${gallery.vectors.dimensions} dimensions, got ${queries.vectors.dimensions}`,
    )
  }
  for (const { vectors, classes } of [queries, gallery]) {
    if (vectors.count !== classes.length) {
      throw new RangeError(`expected ${vectors.count} classes, one a row, got ${classes.length}`)
    }
  }
}
