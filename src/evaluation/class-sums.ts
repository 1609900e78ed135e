import { MEASURES, type Measure, type Measures } from './rank-measures.ts'

/** Sums of the measures over the queries of each class: all that averages and intervals need. */
export interface ClassSums {
  /** The number of queries of each class; above 0. */
  readonly queries: Float64Array
  readonly sums: Readonly<Record<Measure, Float64Array>>
}

/** @param make gives one array of numbers by class; `of` takes the same array out of other sums. */
function classSums(make: (of: (other: ClassSums) => Float64Array) => Float64Array): ClassSums {
  return {
    queries: make(({ queries }) => queries),
    sums: measureRecord((measure) => make(({ sums }) => sums[measure])),
  }
}

export function emptyClassSums(classes: number): ClassSums {
  return classSums(() => new Float64Array(classes))
}

export function addQuery(to: ClassSums, classNumber: number, measures: Measures): void {
  to.queries[classNumber]!++
  for (const measure of MEASURES) to.sums[measure][classNumber]! += measures[measure]
}

/** Leaves only the classes that had queries. */
export function withoutEmptyClasses(sums: ClassSums): ClassSums {
  return classSums((of) => of(sums).filter((_, i) => sums.queries[i]! > 0))
}

/** Joins the classes of several evaluations, one after the other. */
export function joinClassSums(parts: readonly ClassSums[]): ClassSums {
  return classSums((of) => Float64Array.from(parts.flatMap((part) => [...of(part)])))
}

/**
 * `perImage`: the mean over queries, so that large classes count more (micro average).
 * `perClass`: the mean over classes of their means (macro average).
 */
export type Averaging = 'perImage' | 'perClass'

/** @param weights how often each class counts. */
export function meanOf(
  { queries, sums }: ClassSums,
  measure: Measure,
  averaging: Averaging,
  weights: Uint32Array,
): number {
  const sum = sums[measure]
  let total = 0
  let weight = 0
  for (let i = 0; i < sum.length; i++) {
    const count = averaging === 'perImage' ? queries[i]! : 1
    total += (weights[i]! * count * sum[i]!) / queries[i]!
    weight += weights[i]! * count
  }
  return total / weight
}

export function meansOf(sums: ClassSums, averaging: Averaging): Measures {
  const once = new Uint32Array(sums.queries.length).fill(1)
  return measureRecord((measure) => meanOf(sums, measure, averaging, once))
}

export function measureRecord<T>(make: (measure: Measure) => T): Record<Measure, T> {
  const entries = MEASURES.map((measure) => [measure, make(measure)])
  return Object.fromEntries(entries) as Record<Measure, T>
}
