import type { ClassNumbers } from '../evaluation/class-numbers.ts'
import type { Random } from '../vector/random.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import type { BatchShape } from './heads/batches.ts'

const MOST: BatchShape = { classes: 16, perClass: 8 }

/** No image comes twice in a batch where half of the classes have enough. */
export function batchShapeOf({ sizes }: ClassNumbers): BatchShape {
  const median = [...sizes].sort((a, b) => a - b)[sizes.length >> 1] ?? 2
  return {
    classes: Math.min(MOST.classes, sizes.length),
    perClass: Math.max(2, Math.min(MOST.perClass, median)),
  }
}

/** Inverted dropout: what stays is scaled up, so that the features keep their mean. */
export function droppedRows(
  { values, dimensions }: RowMatrix,
  rows: readonly number[],
  share: number,
  random: Random,
): Float32Array {
  const batch = new Float32Array(rows.length * dimensions)
  const scale = 1 / (1 - share)
  for (const [at, row] of rows.entries()) {
    for (let i = 0; i < dimensions; i++) {
      if (share > 0 && random() < share) continue
      batch[at * dimensions + i] = scale * values[row * dimensions + i]!
    }
  }
  return batch
}
