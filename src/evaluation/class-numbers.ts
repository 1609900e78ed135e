/** Labels as numbers from 0, in the order in which they first come. */
export interface ClassNumbers {
  readonly classes: Int32Array
  /** The label of each class. */
  readonly names: readonly string[]
  /** Images of each class. */
  readonly sizes: readonly number[]
}

export function numberClasses(labels: readonly string[]): ClassNumbers {
  const numbers = new Map<string, number>()
  const sizes: number[] = []
  const classes = new Int32Array(labels.length)
  for (const [i, label] of labels.entries()) {
    const number = numbers.get(label) ?? numbers.size
    numbers.set(label, number)
    sizes[number] = (sizes[number] ?? 0) + 1
    classes[i] = number
  }
  return { classes, names: [...numbers.keys()], sizes }
}
