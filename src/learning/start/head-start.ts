import { meanRow, principalComponents } from '../../vector/principal-components.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import type { Affine } from '../feature-transform.ts'
import { type LargeSums, type WantedDirections, whitenedDirections } from './whitening.ts'

/**
 * The names of what a linear head is before its first step; see the functions below. `inner` is
 * `whitened` of the features with inner maps beside them.
 */
export const HEAD_STARTS = ['inner', 'whitened', 'pca', 'identity'] as const
export type HeadStart = (typeof HEAD_STARTS)[number]
/** A head with a hidden layer starts by chance. */
export type StartName = HeadStart | 'chance'

/** Rows with inner maps beside the features, and what sums over them. */
export interface WideRows {
  readonly rows: ClassedFeatures
  readonly sums: LargeSums
}

export type StartAffines = ReturnType<typeof startAffines>

/**
 * Gives the starts of heads on some rows: each is found when it is first needed, and once, since it
 * takes long. `of` gives null for a start by chance.
 * @param outputs of all but the identity, which has those of the features, and `inner` of fewer rows,
 * which has as many as they have directions: one less than rows, and fewer where some are equal.
 * @param wide where there is a start from inner maps.
 */
export function startAffines(
  rows: ClassedFeatures,
  outputs: number,
  sums: LargeSums,
  wide: WideRows | null = null,
) {
  const inner = once(async () => {
    if (wide === null) throw new RangeError('expected rows with inner maps, got none')
    // Few rows have no more directions, and to look for more takes minutes in so many dimensions.
    const most = Math.max(1, Math.min(outputs, wide.rows.features.count - 1))
    return await whitenedAffine(wide.rows, { outputs: most, orFewer: true }, wide.sums)
  })
  const pca = once(() => principalAffine(rows.features, outputs, sums))
  const whitened = once(() => whitenedAffine(rows, { outputs, orFewer: false }, sums))
  const identity = async () => identityAffine(rows.features.dimensions)
  const starts = { inner, pca, whitened, identity, chance: async () => null }
  return { pca, whitened, of: (start: StartName): Promise<Affine | null> => starts[start]() }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => (made ??= make())
}

/** Gives the projection on the first `outputs` principal components of `rows`, from their mean. */
export async function principalAffine(
  rows: RowMatrix,
  outputs: number,
  { covariances, products }: LargeSums,
): Promise<Affine> {
  const covariance = async () => (await covariances()).total
  const { mean, directions } = await principalComponents(rows, outputs, { covariance, products })
  return affineOf(mean, directions)
}

/**
 * Gives the map in which directions count less when images of one class differ along them: see
 * whitenedDirections. It has the overall size of a projection, so that a learning rate means the
 * same for both. Where all images of each class are equal nothing differs, and it is the PCA.
 */
export async function whitenedAffine(
  { features, numbers }: ClassedFeatures,
  wanted: WantedDirections,
  sums: LargeSums,
): Promise<Affine> {
  const mean = meanRow(features)
  const directions = await whitenedDirections(features, mean, numbers, wanted, sums)
  if (directions === null) {
    // The rows are the means of their classes.
    const most = wanted.orFewer ? Math.max(1, numbers.names.length - 1) : features.dimensions
    return await principalAffine(features, Math.min(wanted.outputs, most), sums)
  }
  let squared = 0
  for (const value of directions) squared += value * value
  const scale = Math.sqrt(directions.length / features.dimensions / squared)
  for (let i = 0; i < directions.length; i++) directions[i]! *= scale
  return affineOf(mean, directions)
}

/** Gives the map that leaves x as it is. */
export function identityAffine(size: number): Affine {
  const weight = new Float32Array(size * size)
  for (let i = 0; i < size; i++) weight[i * size + i] = 1
  return { inputs: size, outputs: size, weight, bias: new Float32Array(size) }
}

/** Maps to the coordinates along `directions` (row after row), from the mean. */
function affineOf(mean: Float64Array, directions: Float64Array): Affine {
  const inputs = mean.length
  const outputs = directions.length / inputs
  const weight = new Float32Array(inputs * outputs)
  const bias = new Float32Array(outputs)
  for (let j = 0; j < outputs; j++) {
    let centre = 0
    for (let i = 0; i < inputs; i++) {
      const direction = directions[j * inputs + i]!
      weight[i * outputs + j] = direction
      centre += direction * mean[i]!
    }
    bias[j] = -centre
  }
  return { inputs, outputs, weight, bias }
}
