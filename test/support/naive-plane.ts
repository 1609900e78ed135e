import { packRows } from '../../src/vector/row-matrix.ts'
import { plainCovariance } from './plain-covariance.ts'

/** Where vectors lie along their first principal components: by the power method on the covariance, slowly. */
export function naivePlaces(vectors: readonly Float32Array[], components: number): number[][] {
  const dimensions = vectors[0]!.length
  const rest = plainCovariance(packRows(vectors, dimensions))
  const mean = Array.from({ length: dimensions }, (_, i) => {
    return vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length
  })
  const directions = Array.from({ length: components }, () => {
    let direction = Array.from({ length: dimensions }, (_, i) => 1 / (i + 1))
    for (let turn = 0; turn < 3000; turn++) direction = unit(times(rest, direction))
    const image = times(rest, direction)
    const value = image.reduce((sum, x, i) => sum + x * direction[i]!, 0)
    for (let at = 0; at < rest.length; at++) {
      rest[at]! -= value * direction[Math.floor(at / dimensions)]! * direction[at % dimensions]!
    }
    const largest = direction.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a))
    return direction.map((x) => x * Math.sign(largest))
  })
  return vectors.map((vector) =>
    directions.map((direction) =>
      direction.reduce((sum, x, i) => sum + x * (vector[i]! - mean[i]!), 0),
    ),
  )
}

function times(matrix: Float64Array, vector: readonly number[]): number[] {
  return vector.map((_, i) => {
    return vector.reduce((sum, x, j) => sum + matrix[i * vector.length + j]! * x, 0)
  })
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((x) => x / length)
}
