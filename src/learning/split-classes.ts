import { AppError } from '../errors.ts'
import type { ClassNumbers } from '../evaluation/class-numbers.ts'
import type { Random } from '../vector/random.ts'

interface SplitPart {
  /** Labels of the part's classes, in the order of the data. */
  readonly labels: readonly string[]
  /** Numbers of their images, class after class. */
  readonly rows: readonly number[]
}

export interface ClassSplit {
  /** Of these the first `judging` are for validation once, while all others train. */
  readonly folds: readonly SplitPart[]
  readonly judging: number
  readonly test: SplitPart
}

// Each part needs two classes: one alone has nothing that it could be confused with.
const LEAST_PER_PART = 2
const LEAST_CLASSES = 3 * LEAST_PER_PART
const FOLDS = 3

/**
 * Splits classes, not images: a model is asked about classes that it has not seen. Classes of one
 * image are in no part: they have no pair. Which go where is drawn by `random`.
 *
 * @param testShare of the classes, in (0, 1), as far as two stay for each of two folds; the rest
 * makes three folds of about one size, or two where there are few.
 * @throws TRAINING_INVALID for fewer than 6 classes of two images or more.
 */
export function splitClasses(
  { classes, names, sizes }: ClassNumbers,
  testShare: number,
  random: Random,
): ClassSplit {
  checkSplittable(sizes)
  const usable = [...names.keys()].filter((number) => sizes[number]! >= 2)
  const most = usable.length - 2 * LEAST_PER_PART
  const tested = Math.min(most, Math.max(LEAST_PER_PART, Math.round(testShare * usable.length)))
  const members = names.map((): number[] => [])
  for (const [row, number] of classes.entries()) members[number]!.push(row)
  const drawn = shuffled(usable, random)
  const part = (numbers: readonly number[]): SplitPart => {
    const chosen = [...numbers].sort((a, b) => a - b)
    const rows = chosen.flatMap((number) => members[number]!)
    return { labels: chosen.map((number) => names[number]!), rows }
  }
  const learnt = drawn.slice(tested)
  const count = Math.min(FOLDS, Math.floor(learnt.length / LEAST_PER_PART))
  return {
    folds: Array.from({ length: count }, (_, fold) =>
      part(learnt.filter((__, i) => i % count === fold)),
    ),
    judging: count,
    test: part(drawn.slice(0, tested)),
  }
}

/** The part of the split that an image was given. */
export type GivenPart = 'train' | 'validation' | 'test'

/**
 * The split that was given, by row. Without validation, the classes to train on make folds that are drawn.
 * @throws TRAINING_INVALID for a class in two parts, and for too few classes of two images or more.
 */
export function givenSplit(
  { classes, names, sizes }: ClassNumbers,
  parts: readonly GivenPart[],
  random: Random,
): ClassSplit {
  const partOf = new Map<number, GivenPart>()
  const rows = names.map((): number[] => [])
  for (const [row, number] of classes.entries()) {
    const before = partOf.get(number) ?? parts[row]!
    if (before !== parts[row]) {
      const both = `${names[number]} in ${before} and ${parts[row]}`
      throw new AppError('TRAINING_INVALID', `expected each class in one part, got ${both}`)
    }
    partOf.set(number, before)
    rows[number]!.push(row)
  }
  const numbersOf = (part: GivenPart) => {
    return [...names.keys()].filter((n) => sizes[n]! >= 2 && partOf.get(n) === part)
  }
  const part = (numbers: readonly number[]): SplitPart => ({
    labels: numbers.map((number) => names[number]!),
    rows: numbers.flatMap((number) => rows[number]!),
  })
  const [train, validation, test] = (['train', 'validation', 'test'] as const).map(numbersOf) as [
    number[],
    number[],
    number[],
  ]
  const hasValidation = [...partOf.values()].includes('validation')
  const least = { train: hasValidation ? 1 : 2, validation: hasValidation ? 1 : 0, test: 1 }
  for (const [name, numbers] of Object.entries({ train, validation, test })) {
    const wanted = LEAST_PER_PART * least[name as GivenPart]
    if (numbers.length >= wanted) continue
    throw new AppError(
      'TRAINING_INVALID',
      `expected at least ${wanted} classes of two images or more for ${name}, got ${numbers.length}`,
    )
  }
  if (hasValidation) {
    return { folds: [part(validation), part(train)], judging: 1, test: part(test) }
  }
  const count = Math.min(FOLDS, Math.floor(train.length / LEAST_PER_PART))
  const drawn = shuffled(train, random)
  const fold = (at: number) => drawn.filter((_, i) => i % count === at).sort((a, b) => a - b)
  const folds = Array.from({ length: count }, (_, at) => part(fold(at)))
  return { folds, judging: count, test: part(test) }
}

/** @throws TRAINING_INVALID as `splitClasses` does. */
export function checkSplittable(sizes: readonly number[]): void {
  const usable = sizes.filter((size) => size >= 2).length
  if (usable >= LEAST_CLASSES) return
  const alone = sizes.length - usable
  throw new AppError(
    'TRAINING_INVALID',
    `expected at least ${LEAST_CLASSES} classes of two images or more, to split them into training, validation and test, got ${usable} and ${alone} of one image`,
  )
}

/** Fisher and Yates. */
function shuffled(numbers: readonly number[], random: Random): number[] {
  const order = [...numbers]
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    const moved = order[i]!
    order[i] = order[other]!
    order[other] = moved
  }
  return order
}
