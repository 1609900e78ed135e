import { matrixOf, type RowMatrix, type RowProducts, transposed } from '../vector/row-matrix.ts'

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
  return unitSlices(mapRows(before, last), slices)
}

/** As applyLayers, of many rows; but for the order of sums the same. */
export async function applyLayersBy(
  products: RowProducts,
  rows: RowMatrix,
  { hidden, last, slices }: LearntLayers,
): Promise<RowMatrix> {
  const before = hidden === null ? rows : positiveRows(await mapRowsBy(products, rows, hidden))
  return unitSlices(await mapRowsBy(products, before, last), slices)
}

/** Maps rows, with sums in float64, in the order of the inputs. */
export function mapRows({ values, count }: RowMatrix, affine: Affine): RowMatrix {
  const { inputs, outputs, weight, bias } = affine
  const mapped = new Float32Array(count * outputs)
  for (let row = 0; row < count; row++) {
    const sums = Float64Array.from(bias)
    for (let i = 0; i < inputs; i++) {
      const value = values[row * inputs + i]!
      for (let j = 0; j < outputs; j++) sums[j]! += value * weight[i * outputs + j]!
    }
    mapped.set(sums, row * outputs)
  }
  return { values: mapped, count, dimensions: outputs }
}

/** Rows of which the results are held in float64 at a time. */
const ROWS_AT_ONCE = 1024

async function mapRowsBy(
  products: RowProducts,
  { values, count }: RowMatrix,
  { inputs, outputs, weight, bias }: Affine,
): Promise<RowMatrix> {
  const mapped = new Float32Array(count * outputs)
  const turned = transposed(matrixOf(weight, outputs))
  const right = { ...turned, values: Float32Array.from(turned.values) }
  for (let first = 0; first < count; first += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, count - first)
    const own = values.subarray(first * inputs, (first + rows) * inputs)
    const { values: sums } = await products(matrixOf(own, inputs), right)
    for (let i = 0; i < sums.length; i++)
      mapped[first * outputs + i] = sums[i]! + bias[i % outputs]!
  }
  return { values: mapped, count, dimensions: outputs }
}

function positiveRows(rows: RowMatrix): RowMatrix {
  return { ...rows, values: rows.values.map((value) => Math.max(0, value)) }
}

function unitSlices(rows: RowMatrix, slices: number): RowMatrix {
  return unitParts(slices === 1 ? rows : unitParts(rows, slices), 1)
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
