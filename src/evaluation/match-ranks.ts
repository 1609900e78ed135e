import { AppError } from '../errors.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { BLOCK_ROWS, fillBlock, squaredDistances } from './distance-block.ts'

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

/** Finds the ranks of one query's matches, in memory that all queries share. */
class MatchCounter {
  readonly #matches: Uint32Array
  readonly #nearest: Float64Array
  /** How many other rows come before this match, but not before an earlier one. */
  readonly #ahead: Uint32Array

  constructor(galleryCount: number) {
    this.#matches = new Uint32Array(galleryCount)
    this.#nearest = new Float64Array(galleryCount)
    this.#ahead = new Uint32Array(galleryCount)
  }

  ranks(
    distances: Float64Array,
    classes: Int32Array,
    wanted: number,
    isLeftOut: (row: number) => boolean,
  ): Uint32Array {
    let found = 0
    for (let row = 0; row < classes.length; row++) {
      if (classes[row] === wanted && !isLeftOut(row)) this.#matches[found++] = row
    }
    const matches = this.#matches.subarray(0, found)
    matches.sort((a, b) => distances[a]! - distances[b]! || a - b)
    const nearest = this.#nearest.subarray(0, found)
    for (let i = 0; i < found; i++) nearest[i] = distances[matches[i]!]!
    const ranks = this.#ahead.subarray(0, found).fill(0)
    const farthest = nearest[found - 1] ?? -1
    for (let row = 0; row < classes.length; row++) {
      const distance = distances[row]!
      if (distance > farthest || classes[row] === wanted) continue
      const behind = firstBehind(nearest, matches, distance, row)
      if (behind < found) ranks[behind]!++
    }
    let rank = 0
    for (let i = 0; i < found; i++) {
      rank += ranks[i]! + 1
      ranks[i] = rank
    }
    return ranks
  }
}

/** The first match that comes after (distance, row) in the order of distance, then row. */
function firstBehind(
  nearest: Float64Array,
  matches: Uint32Array,
  distance: number,
  row: number,
): number {
  let low = 0
  let high = nearest.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = nearest[middle]!
    if (other < distance || (other === distance && matches[middle]! < row)) low = middle + 1
    else high = middle
  }
  return low
}
