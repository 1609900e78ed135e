import type { ReadBundle } from '../../adapters/models-folder/read-bundle.ts'
import { usableEmbedding } from '../../embedding/usable-embedding.ts'
import { AppError } from '../../errors.ts'
import { sha256Of } from '../../files/sha256.ts'
import { addInnerOutput } from '../../onnx/inner-maps.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'

/**
 * Makes of a model one whose output has the inner maps beside it. @returns null where the model has
 * none that are found, or gives tokens or a map instead of a vector.
 */
export function innerBundle({ bundle, onnx }: ReadBundle): ReadBundle | null {
  if (bundle.output.pooling !== undefined) return null
  const made = addInnerOutput(onnx, bundle.output)
  if (made === null) return null
  const output = { ...made.output, normalise: 'none' as const }
  const sha256 = sha256Of(made.bytes)
  return { bundle: { ...bundle, sha256, output }, onnx: Buffer.from(made.bytes) }
}

/** @throws NO_USABLE_EMBEDDING for a row with inner maps beside features that have no direction. */
export function checkLeading(row: Float32Array, dimensions: number): void {
  const found = usableEmbedding(row.subarray(0, dimensions))
  if (found instanceof AppError) throw found
}

/** Gives of rows with inner maps the features that they begin with, as unit rows again. */
export function leadingFeatures(rows: RowMatrix, dimensions: number): RowMatrix {
  const values = new Float32Array(rows.count * dimensions)
  for (let row = 0; row < rows.count; row++) {
    const from = row * rows.dimensions
    let squared = 0
    for (let i = 0; i < dimensions; i++) squared += rows.values[from + i]! ** 2
    const scale = 1 / Math.sqrt(squared)
    for (let i = 0; i < dimensions; i++) {
      values[row * dimensions + i] = rows.values[from + i]! * scale
    }
  }
  return { values, count: rows.count, dimensions }
}
