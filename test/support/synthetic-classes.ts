import { gaussian, type Random } from '../../src/vector/random.ts'

export interface LabelledFeatures {
  /** Rows, class after class. */
  readonly features: Float32Array
  readonly labels: readonly number[]
  /** Numbers of the rows by class. */
  readonly members: readonly (readonly number[])[]
  readonly width: number
}

/**
 * Classes that differ in half of the numbers, the other half being noise that is twice as loud.
 * @param ofClasses draws the classes; the same seed gives the same classes, of which `random` then
 * draws images.
 */
export function syntheticClasses(
  ofClasses: Random,
  random: Random,
  classes: number,
  perClass: number,
  width: number,
): LabelledFeatures {
  const informative = width / 2
  const centres = Array.from({ length: classes * informative }, () => gaussian(ofClasses))
  const labels = Array.from({ length: classes * perClass }, (_, i) => Math.floor(i / perClass))
  const features = Float32Array.from({ length: labels.length * width }, (_, place) => {
    const [row, i] = [Math.floor(place / width), place % width]
    if (i >= informative) return 2 * gaussian(random)
    return centres[labels[row]! * informative + i]! + 0.3 * gaussian(random)
  })
  const members = Array.from({ length: classes }, (_, c) =>
    Array.from({ length: perClass }, (_, i) => c * perClass + i),
  )
  return { features, labels, members, width }
}

export function gatherRows(
  features: Float32Array,
  width: number,
  rows: readonly number[],
): Float32Array {
  const gathered = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) {
    gathered.set(features.subarray(row * width, (row + 1) * width), i * width)
  }
  return gathered
}

/**
 * How much farther images of different classes are from each other than images of one class, as the
 * ratio of the mean squared distances of unit embeddings by a linear head without bias.
 */
export function separation(
  { features, labels, width }: LabelledFeatures,
  weight: Float32Array,
  dimensions: number,
): number {
  const embeddings = labels.map((_, row) => {
    const embedding = Array.from({ length: dimensions }, (_, j) => {
      let total = 0
      for (let i = 0; i < width; i++) {
        total += features[row * width + i]! * weight[i * dimensions + j]!
      }
      return total
    })
    const length = Math.hypot(...embedding)
    return embedding.map((value) => value / length)
  })
  const total = { same: 0, other: 0 }
  const count = { same: 0, other: 0 }
  for (const [i, a] of embeddings.entries()) {
    for (const [j, b] of embeddings.entries()) {
      if (i === j) continue
      const kind = labels[i] === labels[j] ? 'same' : 'other'
      total[kind] += a.reduce((squared, value, axis) => squared + (value - b[axis]!) ** 2, 0)
      count[kind] += 1
    }
  }
  return total.other / count.other / (total.same / count.same)
}
