/** The component of largest magnitude, the first of equals: its sign is the one by which directions are made alike. */
export function largestComponent(direction: Float64Array): number {
  let largest = 0
  for (const value of direction) if (Math.abs(value) > Math.abs(largest)) largest = value
  return largest
}
