import { gaussian, seededRandom } from '../../src/vector/random.ts'
import type { RowMatrix } from '../../src/vector/row-matrix.ts'

/** The directions in which images differ whatever their class is, and how much more than in the others. */
const NUISANCE = { directions: 64, spread: 4 }

/** Makes unit rows around a centre for each class. Row i is of class i modulo `classes`. */
export function madeFeatures(count: number, classes: number, dimensions: number): RowMatrix {
  const random = seededRandom(1)
  const centres = Float32Array.from({ length: classes * dimensions }, () => gaussian(random))
  const rows = new Float32Array(count * dimensions)
  for (let row = 0; row < count; row++) {
    const own = rows.subarray(row * dimensions, (row + 1) * dimensions)
    const centre = (row % classes) * dimensions
    for (let i = 0; i < dimensions; i++) {
      const spread = i < NUISANCE.directions ? NUISANCE.spread : 1
      own[i] = 0.3 * centres[centre + i]! + spread * gaussian(random)
    }
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0))
    for (let i = 0; i < dimensions; i++) own[i]! /= length
  }
  return { values: rows, count, dimensions }
}
