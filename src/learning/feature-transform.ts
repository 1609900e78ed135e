import { matrixOf, type RowMatrix, type RowProducts, transposed } from '../vector/row-matrix.ts'

/**
 * The way from unit features of the backbone to the unit vector that is searched. `joined` puts the
 * features times sqrt(1 - share) beside the head's unit vectors times sqrt(share), so that its
 * cosines are the mean of both, weighted by 1 - share and share.
 */
export type FeatureTransform =
  | { readonly kind: 'backbone' }
  | { readonly kind: 'pca' | 'whitened' | 'head'; readonly layers: LearntLayers }
  | { readonly kind: 'joined'; readonly layers: LearntLayers; readonly share: number }

/** The layers that are put behind the backbone's unit features; their result is made unit. */
export interface LearntLayers {
  /** The layer before relu; null where there is no hidden layer. */
  readonly hidden: Affine | null
  readonly last: Affine
  /** Contiguous parts of the result that are made unit each before the whole is; 1 for none. */
  readonly slices: number
  /** Whether they are put behind the features with inner maps beside them, instead. */
  readonly readsInner?: boolean
}

/** The map x W + b. */
export interface Affine {
  readonly inputs: number
  readonly outputs: number
  /** [inputs, outputs]. */
  readonly weight: Float32Array
  readonly bias: Float32Array
}

export function linearLayers(last: Affine): LearntLayers {
  return { hidden: null, last, slices: 1 }
}

/**
 * @param features unit rows.
 * @param inner the same with inner maps beside them, for layers that read them.
 * @returns unit rows; a row, or a slice of it, that is 0 stays so.
 */
export function transformRows(
  features: RowMatrix,
  transform: FeatureTransform,
  inner: RowMatrix | null = null,
): RowMatrix {
  if (transform.kind === 'backbone') return features
  const { hidden, last } = transform.layers
  const read = rowsRead(transform.layers, features, inner)
  const before = hidden === null ? read : positiveRows(mapRows(read, hidden))
  return unitResult(features, mapRows(before, last), transform)
}

/** Does what transformRows does, for many rows; the results differ by the order of sums alone. */
export async function transformManyRows(
  features: RowMatrix,
  transform: FeatureTransform,
  products: RowProducts,
  inner: RowMatrix | null = null,
): Promise<RowMatrix> {
  if (transform.kind === 'backbone') return features
  const { hidden, last } = transform.layers
  const read = rowsRead(transform.layers, features, inner)
  const before = hidden === null ? read : positiveRows(await mapManyRows(read, hidden, products))
  return unitResult(features, await mapManyRows(before, last, products), transform)
}

function rowsRead(
  { readsInner }: LearntLayers,
  features: RowMatrix,
  inner: RowMatrix | null,
): RowMatrix {
  if (readsInner !== true) return features
  if (inner === null) throw new RangeError('expected rows with inner maps, got none')
  return inner
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

async function mapManyRows(
  { values, count }: RowMatrix,
  { inputs, outputs, weight, bias }: Affine,
  products: RowProducts,
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

function unitResult(
  features: RowMatrix,
  mapped: RowMatrix,
  transform: Exclude<FeatureTransform, { readonly kind: 'backbone' }>,
): RowMatrix {
  const { slices } = transform.layers
  const head = unitParts(slices === 1 ? mapped : unitParts(mapped, slices), 1)
  return transform.kind === 'joined' ? joinRows(features, head, transform.share) : head
}

/** Makes each of `parts` parts of a row unit; all parts have one length. */
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

/** Puts unit rows side by side; see FeatureTransform. */
function joinRows(features: RowMatrix, head: RowMatrix, share: number): RowMatrix {
  const { count } = features
  const dimensions = features.dimensions + head.dimensions
  const values = new Float32Array(count * dimensions)
  const [ofFeatures, ofHead] = [Math.sqrt(1 - share), Math.sqrt(share)]
  for (let row = 0; row < count; row++) {
    const to = row * dimensions
    for (let i = 0; i < features.dimensions; i++) {
      values[to + i] = ofFeatures * features.values[row * features.dimensions + i]!
    }
    for (let i = 0; i < head.dimensions; i++) {
      values[to + features.dimensions + i] = ofHead * head.values[row * head.dimensions + i]!
    }
  }
  return { values, count, dimensions }
}
