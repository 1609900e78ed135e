export function lengthOf(vector: Float64Array): number {
  let squared = 0
  for (let i = 0; i < vector.length; i++) squared += vector[i]! * vector[i]!
  return Math.sqrt(squared)
}

/** Divides a vector by its length. @returns what the length was. */
export function scaleToUnit(vector: Float64Array): number {
  const before = lengthOf(vector)
  for (let i = 0; i < vector.length; i++) vector[i]! /= before
  return before
}

/** Makes the component of largest magnitude, the first of equals, positive. */
export function turnPositive(direction: Float64Array): void {
  let largest = 0
  for (const value of direction) if (Math.abs(value) > Math.abs(largest)) largest = value
  if (largest >= 0) return
  for (let i = 0; i < direction.length; i++) direction[i] = -direction[i]!
}

/**
 * Takes from `vector` what it has of unit rows that are orthogonal to each other.
 *
 * @param rows of the vector's length, one after the other. Four of them share its reading.
 */
export function takeAway(rows: Float64Array, vector: Float64Array): void {
  const size = vector.length
  const end = rows.length
  let first = 0
  for (; first + 4 * size <= end; first += 4 * size) {
    const [second, third, fourth] = [first + size, first + 2 * size, first + 3 * size]
    let [g0, g1, g2, g3] = [0, 0, 0, 0]
    for (let i = 0; i < size; i++) {
      const x = vector[i]!
      g0 += x * rows[first + i]!
      g1 += x * rows[second + i]!
      g2 += x * rows[third + i]!
      g3 += x * rows[fourth + i]!
    }
    for (let i = 0; i < size; i++) {
      vector[i]! -=
        g0 * rows[first + i]! +
        g1 * rows[second + i]! +
        (g2 * rows[third + i]! + g3 * rows[fourth + i]!)
    }
  }
  for (; first < end; first += size) {
    let g = 0
    for (let i = 0; i < size; i++) g += vector[i]! * rows[first + i]!
    for (let i = 0; i < size; i++) vector[i]! -= g * rows[first + i]!
  }
}
