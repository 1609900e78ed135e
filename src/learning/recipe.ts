import { dividePlan } from './divide/divide-plan.ts'
import type { LearnersOptions } from './divide/learners.ts'
import { type Head, resolveTraining } from './graph/graph-options.ts'
import type { JrdOptions } from './losses/jrd.ts'
import type { ObjectiveOptions } from './losses/objective.ts'
import { HEAD_STARTS, type HeadStart } from './start/head-start.ts'
import { trainingInvalid } from './training-invalid.ts'

/** All that is chosen about a training but its images: the members of a recipe file. */
export interface TrainingRecipe {
  readonly objective: ObjectiveOptions
  readonly head: Head
  /** The numbers of an embedding; a start from the identity has those of the features. */
  readonly dimensions: number
  /**
   * A head is trained from each, from `inner` only where the inner maps of a model are to be had; one
   * with a hidden layer starts by chance, whatever is given.
   */
  readonly starts: readonly [HeadStart, ...HeadStart[]]
  /** These three: see TrainingGraphOptions. */
  readonly learners: LearnersOptions | null
  readonly jrd: Partial<JrdOptions> | null
  readonly easyPositives: boolean
  /** The length of the schedule of rates; the most steps that are taken. */
  readonly steps: number
  /** The learning rate at its highest; null for one that suits the start. */
  readonly rate: number | null
  /** The share of the features of a batch that is dropped: against learning few images by heart. */
  readonly dropout: number
  /** The views of each image that are learnt from, the plain one among them. */
  readonly views: number
  /** The share of the classes to test on. */
  readonly testShare: number
  readonly seed: number
}

/** The members that are left out; the objective has no default. */
const RECIPE_DEFAULTS: Omit<TrainingRecipe, 'objective'> = {
  head: { kind: 'linear' },
  dimensions: 512,
  starts: HEAD_STARTS,
  learners: null,
  jrd: null,
  easyPositives: false,
  steps: 200,
  rate: null,
  dropout: 0.2,
  views: 1,
  testShare: 0.5,
  seed: 1,
}

/** Hidden units of `head: mlp`. */
export const HIDDEN_UNITS = 512

/** Fills in the defaults. Later parts win; members that are undefined are left out. */
export function recipeOf(
  objective: TrainingRecipe['objective'],
  ...parts: readonly Partial<TrainingRecipe>[]
): TrainingRecipe {
  const given = parts.flatMap((part) =>
    Object.entries(part).filter(([, value]) => value !== undefined),
  )
  return { ...RECIPE_DEFAULTS, ...Object.fromEntries(given), objective }
}

/** @throws TRAINING_INVALID for more dimensions than the backbone's features have. */
export function checkDimensions(dimensions: number, most: number, backbone: string): void {
  if (dimensions <= most) return
  throw trainingInvalid(`at most the ${most} dimensions of ${backbone}`, dimensions)
}

/** Checks the recipe of a training on stored vectors. @throws TRAINING_INVALID for more than one view. */
export function checkViews(views: number): void {
  if (views === 1) return
  throw trainingInvalid('1 view of stored vectors, since others are made of images', views)
}

/** Why no head starts from inner maps. */
export const NO_INNER_MAPS = {
  vectors: 'stored vectors have no inner maps',
  service: 'a service embeds by the models that it has open',
  learners: 'divided heads do not start there',
} as const

/**
 * Checks that there are other starts where there is none from inner maps.
 * @param why of a line, one of the above or what is wrong with a model.
 * @throws TRAINING_INVALID
 */
export function checkOtherStart({ head, starts }: TrainingRecipe, why: string): void {
  if (head.kind !== 'linear' || starts.some((start) => start !== 'inner')) return
  throw trainingInvalid(`a start beside inner, since ${why}`, 'inner alone')
}

/** Views of all images together: their features are held in memory, 5 KB each at 1,280 numbers. */
const MOST_VIEWS = 200_000

/** @throws TRAINING_INVALID where the views of so many images are too many to be held. */
export function checkViewsHeld(views: number, images: number): void {
  if (views === 1 || views * images <= MOST_VIEWS) return
  const most = Math.max(1, Math.floor(MOST_VIEWS / images))
  throw trainingInvalid(`at most ${most} views of each of ${images} images`, views)
}

/**
 * Checks, before hours of work, that what was chosen fits together, whatever the images.
 * @throws TRAINING_INVALID
 */
export function checkRecipe(recipe: TrainingRecipe): void {
  const { learners, steps } = recipe
  if (learners !== null) {
    dividePlan(learners, steps)
    checkOtherStart(recipe, NO_INNER_MAPS.learners)
  }
  const batch = { classes: 2, perClass: 2 }
  resolveTraining({ ...recipe, inputDimensions: recipe.dimensions, classes: 2, batch })
}
