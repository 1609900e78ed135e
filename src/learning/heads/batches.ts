import { AppError } from '../../errors.ts'
import type { Random } from '../../vector/random.ts'

export interface BatchShape {
  /** The P of P x K. */
  readonly classes: number
  /** The K. */
  readonly perClass: number
}

/**
 * One batch of P classes with K images each, class after class, always of this shape. Where there
 * are fewer than P classes some give several times K images; images of a class come again only
 * where it has too few.
 *
 * @param members by class, the numbers of its images; classes without images are left out.
 * @returns P x K image numbers.
 * @throws TRAINING_INVALID when no class has an image.
 */
export function sampleBatch(
  members: readonly (readonly number[])[],
  { classes, perClass }: BatchShape,
  random: Random,
): number[] {
  const filled = members.filter((images) => images.length > 0)
  if (filled.length === 0) {
    throw new AppError('TRAINING_INVALID', 'expected a class with an image, got none')
  }
  const times = new Map<readonly number[], number>()
  for (const images of draw(filled, classes, random)) {
    times.set(images, (times.get(images) ?? 0) + 1)
  }
  return [...times].flatMap(([images, count]) => draw(images, count * perClass, random))
}

/** `count` items, each as often as any other to within one. */
function draw<T>(items: readonly T[], count: number, random: Random): T[] {
  const drawn: T[] = []
  while (drawn.length < count) drawn.push(...shuffled(items, count - drawn.length, random))
  return drawn
}

/** The first `count` of a shuffle (Fisher and Yates), or all. */
function shuffled<T>(items: readonly T[], count: number, random: Random): T[] {
  const rest = [...items]
  const size = Math.min(count, rest.length)
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor(random() * (rest.length - i))
    const chosen = rest[other]!
    rest[other] = rest[i]!
    rest[i] = chosen
  }
  return rest.slice(0, size)
}
