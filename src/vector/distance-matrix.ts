import type { RowMatrix } from './row-matrix.ts'
import { distanceFromSquared, type SpaceKind } from './space.ts'
import { BLOCK_ROWS, DistanceBlock } from './squared-euclidean.ts'

/**
 * Gives the published distances of all pairs of rows, count rows of count numbers.
 * @param check is called now and then; what it throws ends the work.
 */
export function distanceMatrix(
  vectors: RowMatrix,
  space: SpaceKind,
  check: () => void = () => undefined,
): Float64Array {
  const { count } = vectors
  const block = new DistanceBlock(vectors)
  const measured = new Float64Array(BLOCK_ROWS * count)
  const distances = new Float64Array(count * count)
  for (let from = 0; from < count; from += BLOCK_ROWS) {
    check()
    const rows = Array.from({ length: Math.min(BLOCK_ROWS, count - from) }, (_, i) => from + i)
    block.measure(rows, vectors, measured)
    for (let i = 0; i < rows.length * count; i++) {
      distances[from * count + i] = distanceFromSquared(space, measured[i]!)
    }
  }
  return distances
}
