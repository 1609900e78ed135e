import type { ClassNumbers } from '../evaluation/class-numbers.ts'
import { meanRow, principalComponents } from '../vector/principal-components.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import type { ClassedFeatures } from './classed-features.ts'
import type { Affine } from './learnt-layers.ts'
import { whitenedDirections } from './whitening.ts'

/** What a linear head is before its first step; see the functions below. */
export const HEAD_STARTS = ['whitened', 'pca', 'identity'] as const
export type HeadStart = (typeof HEAD_STARTS)[number]
/** A head with a hidden layer starts by chance. */
export type StartName = HeadStart | 'chance'

/** What a head is before its first step. Each is found when it is first asked for, and once: it takes as long as some training. */
export class StartAffines {
  readonly #rows: ClassedFeatures
  readonly #outputs: number
  #pca: Affine | null = null
  #whitened: Affine | null = null

  /** @param outputs of `pca` and `whitened`; an identity has as many as the features. */
  constructor(rows: ClassedFeatures, outputs: number) {
    this.#rows = rows
    this.#outputs = outputs
  }

  get pca(): Affine {
    this.#pca ??= principalAffine(this.#rows.features, this.#outputs)
    return this.#pca
  }

  get whitened(): Affine {
    const { features, numbers } = this.#rows
    this.#whitened ??= whitenedAffine(features, numbers, this.#outputs)
    return this.#whitened
  }

  /** Null for chance. */
  of(start: StartName): Affine | null {
    switch (start) {
      case 'whitened':
        return this.whitened
      case 'pca':
        return this.pca
      case 'identity':
        return identityAffine(this.#rows.features.dimensions)
      case 'chance':
        return null
    }
  }
}

/** The projection on the first `outputs` principal components of `rows`, from their mean. */
export function principalAffine(rows: RowMatrix, outputs: number): Affine {
  const { mean, directions } = principalComponents(rows, outputs)
  return affineOf(mean, directions)
}

/**
 * Directions in which images of one class differ count less: see whitenedDirections. Of the overall
 * size of a projection, so that a learning rate means the same for both.
 *
 * Where all images of each class are equal nothing differs, and it is the PCA.
 */
export function whitenedAffine(rows: RowMatrix, numbers: ClassNumbers, outputs: number): Affine {
  const mean = meanRow(rows)
  const directions = whitenedDirections(rows, mean, numbers, outputs)
  if (directions === null) return principalAffine(rows, outputs)
  let squared = 0
  for (const value of directions) squared += value * value
  const scale = Math.sqrt(Math.min(rows.dimensions, outputs) / squared)
  return affineOf(
    mean,
    directions.map((value) => value * scale),
  )
}

/** x as it is. */
export function identityAffine(size: number): Affine {
  const weight = new Float32Array(size * size)
  for (let i = 0; i < size; i++) weight[i * size + i] = 1
  return { inputs: size, outputs: size, weight, bias: new Float32Array(size) }
}

/** The coordinates along directions, row after row, from the mean. */
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
