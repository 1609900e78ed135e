import { matrixProduct } from '../vector/matrix-product.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'

/** x W + b. */
export interface Affine {
  readonly inputs: number
  readonly outputs: number
  /** [inputs, outputs]. */
  readonly weight: Float32Array
  readonly bias: Float32Array
}

/** What is put behind the backbone's unit features; its result is made unit. */
export interface LearntLayers {
  /** Before relu, where there is a hidden layer. */
  readonly hidden: Affine | null
  readonly last: Affine
  /** Contiguous parts of the result that are made unit each before the whole is; 1 for none. */
  readonly slices: number
}

/** The layers of one affine map. */
export function linearLayers(last: Affine): LearntLayers {
  return { hidden: null, last, slices: 1 }
}

/** @returns unit rows; a row, or a slice of it, that is 0 stays so. */
export function applyLayers(rows: RowMatrix, { hidden, last, slices }: LearntLayers): RowMatrix {
  const before = hidden === null ? rows : positiveRows(mapRows(rows, hidden))
  const mapped = mapRows(before, last)
  return unitParts(slices === 1 ? mapped : unitParts(mapped, slices), 1)
}

export function mapRows({ values, count }: RowMatrix, affine: Affine): RowMatrix {
  const { inputs, outputs, weight, bias } = affine
  const mapped = new Float32Array(count * outputs)
  const rows = { values, rows: count, columns: inputs }
  matrixProduct(rows, { values: weight, rows: inputs, columns: outputs }, bias, mapped)
  return { values: mapped, count, dimensions: outputs }
}

function positiveRows(rows: RowMatrix): RowMatrix {
  return { ...rows, values: rows.values.map((value) => Math.max(0, value)) }
}

/** Every row cut into `parts` of one length, each made unit. */
function unitParts({ values, count, dimensions }: RowMatrix, parts: number): RowMatrix {
  const unit = new Float32Array(values.length)
  const width = dimensions / parts
  for (let part = 0; part < count * parts; part++) {
    const [from, to] = [part * width, (part + 1) * width]
    let squared = 0
    for (let i = from; i < to; i++) squared += values[i]! ** 2
    const scale = squared > 0 ? 1 / Math.sqrt(squared) : 0
    for (let i = from; i < to; i++) unit[i] = values[i]! * scale
  }
  return { values: unit, count, dimensions }
}
