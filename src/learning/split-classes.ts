import type { ClassNumbers } from '../evaluation/class-numbers.ts'
import type { Random } from '../vector/random.ts'
import { membersOf } from './classed-features.ts'
import { trainingInvalid } from './training-invalid.ts'

export interface SplitPart {
  /** Labels of the part's classes, in the order of the data. */
  readonly labels: readonly string[]
  /** Numbers of their images, class after class. */
  readonly rows: readonly number[]
}

export interface ClassSplit {
  readonly folds: readonly SplitPart[]
  /** The number of folds, from the first on, that are for validation once; all others train. */
  readonly validationFolds: number
  readonly test: SplitPart
}

/** The part of the split that an image was given. */
export type GivenPart = 'train' | 'validation' | 'test'

// Each part needs two classes: one alone has nothing that it could be confused with.
const LEAST_PER_PART = 2
const LEAST_CLASSES = 3 * LEAST_PER_PART
const FOLDS = 3

/**
 * Splits classes, not images: a model is tested on classes that it has not seen. Classes of one
 * image are in no part: they have no pair. Which go where is drawn by `random`.
 *
 * @param testShare of the classes, in (0, 1), as far as two stay for each of two folds; the rest
 * makes three folds of about one size, or two where there are few.
 * @throws TRAINING_INVALID for fewer than 6 classes of two images or more.
 */
export function splitClasses(numbers: ClassNumbers, testShare: number, random: Random): ClassSplit {
  checkSplittable(numbers.sizes)
  const usable = usableClasses(numbers)
  const most = usable.length - 2 * LEAST_PER_PART
  const tested = Math.min(most, Math.max(LEAST_PER_PART, Math.round(testShare * usable.length)))
  const drawn = shuffled(usable, random)
  return drawnSplit(numbers, drawn.slice(tested), drawn.slice(0, tested))
}

/**
 * Splits by the part that each row was given. Without validation, the classes to train on make
 * folds that are drawn.
 * @throws TRAINING_INVALID for a class in two parts, and for too few classes of two images or more.
 */
export function givenSplit(
  numbers: ClassNumbers,
  parts: readonly GivenPart[],
  random: Random,
): ClassSplit {
  const partOf = new Map<number, GivenPart>()
  for (const [row, number] of numbers.classes.entries()) {
    const own = parts[row]!
    const before = partOf.get(number) ?? own
    if (before !== own) {
      const both = `${numbers.names[number]} in ${before} and ${own}`
      throw trainingInvalid('each class in one part', both)
    }
    partOf.set(number, own)
  }
  const classesOf = (part: GivenPart, least: number) => {
    const found = usableClasses(numbers).filter((number) => partOf.get(number) === part)
    if (found.length >= least) return found
    const wanted = `at least ${least} classes of two images or more for ${part}`
    throw trainingInvalid(wanted, found.length)
  }
  const hasValidation = parts.includes('validation')
  const train = classesOf('train', hasValidation ? LEAST_PER_PART : 2 * LEAST_PER_PART)
  const validation = classesOf('validation', hasValidation ? LEAST_PER_PART : 0)
  const test = classesOf('test', LEAST_PER_PART)
  if (!hasValidation) return drawnSplit(numbers, shuffled(train, random), test)
  const part = partsOf(numbers)
  return { folds: [part(validation), part(train)], validationFolds: 1, test: part(test) }
}

/** @throws TRAINING_INVALID as `splitClasses` does. */
export function checkSplittable(sizes: readonly number[]): void {
  const usable = sizes.filter((size) => size >= 2).length
  if (usable >= LEAST_CLASSES) return
  const alone = sizes.length - usable
  throw trainingInvalid(
    `at least ${LEAST_CLASSES} classes of two images or more, to split them into training, validation and test`,
    `${usable} and ${alone} of one image`,
  )
}

function usableClasses({ names, sizes }: ClassNumbers): number[] {
  return [...names.keys()].filter((number) => sizes[number]! >= 2)
}

/** @param learnt classes in the order drawn, which go to the folds in turn. */
function drawnSplit(
  numbers: ClassNumbers,
  learnt: readonly number[],
  test: readonly number[],
): ClassSplit {
  const part = partsOf(numbers)
  const count = Math.min(FOLDS, Math.floor(learnt.length / LEAST_PER_PART))
  const folds = Array.from({ length: count }, (_, fold) =>
    part(learnt.filter((__, i) => i % count === fold)),
  )
  return { folds, validationFolds: count, test: part(test) }
}

function partsOf(numbers: ClassNumbers): (classes: readonly number[]) => SplitPart {
  const members = membersOf(numbers)
  return (classes) => {
    const chosen = [...classes].sort((a, b) => a - b)
    return {
      labels: chosen.map((number) => numbers.names[number]!),
      rows: chosen.flatMap((number) => members[number]!),
    }
  }
}

/** Shuffles by Fisher and Yates, from the last place on. */
function shuffled(numbers: readonly number[], random: Random): number[] {
  const order = [...numbers]
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    ;[order[i], order[other]] = [order[other]!, order[i]!]
  }
  return order
}
