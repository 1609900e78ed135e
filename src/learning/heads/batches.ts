import type { ClassNumbers } from '../../evaluation/class-numbers.ts'
import { drawIndices, type Random } from '../../vector/random.ts'
import { trainingInvalid } from '../training-invalid.ts'

/** P classes with K images each. */
export interface BatchShape {
  readonly classes: number
  readonly perClass: number
}

const MOST: BatchShape = { classes: 16, perClass: 8 }

/** Gives the shape with which no image comes twice in a batch if half of the classes have enough. */
export function batchShapeOf({ sizes }: ClassNumbers): BatchShape {
  const median = [...sizes].sort((a, b) => a - b)[sizes.length >> 1] ?? 2
  return {
    classes: Math.min(MOST.classes, sizes.length),
    perClass: Math.max(2, Math.min(MOST.perClass, median)),
  }
}

/**
 * Draws one batch, class after class, always of this shape. Where there are fewer than P classes
 * some give several times K images; images of a class come again only where it has too few.
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
  if (filled.length === 0) throw trainingInvalid('a class with an image', 'none')
  const times = new Map<readonly number[], number>()
  for (const images of draw(filled, classes, random)) {
    times.set(images, (times.get(images) ?? 0) + 1)
  }
  return [...times].flatMap(([images, count]) => draw(images, count * perClass, random))
}

/** Draws `count` items, each as often as any other to within one. */
function draw<T>(items: readonly T[], count: number, random: Random): T[] {
  const drawn: T[] = []
  while (drawn.length < count) {
    const next = drawIndices(items.length, count - drawn.length, random)
    drawn.push(...next.map((index) => items[index]!))
  }
  return drawn
}
