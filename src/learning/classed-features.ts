import { type ClassNumbers, numberClasses } from '../evaluation/class-numbers.ts'
import { type RowMatrix, selectRows } from '../vector/row-matrix.ts'

/** Unit rows with the class of each. */
export interface ClassedFeatures {
  readonly features: RowMatrix
  /** The features of other views of the same images, for training alone; none when left out. */
  readonly otherViews?: readonly RowMatrix[]
  readonly numbers: ClassNumbers
}

/** Copies some rows and numbers their classes from 0 again. */
export function pickRows(
  features: RowMatrix,
  labels: readonly string[],
  rows: readonly number[],
  otherViews: readonly RowMatrix[] = [],
): ClassedFeatures {
  return {
    features: selectRows(features, rows),
    otherViews: otherViews.map((view) => selectRows(view, rows)),
    numbers: numberClasses(rows.map((row) => labels[row]!)),
  }
}

/** Lists the images of each class, by number. */
export function membersOf({ classes, names }: ClassNumbers): number[][] {
  const members = names.map((): number[] => [])
  for (const [row, number] of classes.entries()) members[number]!.push(row)
  return members
}

/** Gives a view of the first `most` rows, or of all. */
export function firstRows(of: ClassedFeatures, most: number): ClassedFeatures {
  const { features, numbers } = of
  if (features.count <= most) return of
  const values = features.values.subarray(0, most * features.dimensions)
  return {
    features: { ...features, values, count: most },
    numbers: { ...numbers, classes: numbers.classes.subarray(0, most) },
  }
}
