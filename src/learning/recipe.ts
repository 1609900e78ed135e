import { resolveTraining } from './graph/graph-options.ts'
import type { LearningOptions } from './learn-embedding.ts'
import { HEAD_STARTS } from './start/head-start.ts'

/** All that is chosen about a training but its images: the members of a recipe file. */
export type TrainingRecipe = Omit<
  LearningOptions,
  'signal' | 'onProgress' | 'from' | 'onCheckpoint' | 'parts'
>

/** Members that are left out; the objective has no default. */
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
  testShare: 0.5,
  seed: 1,
}

/** Hidden units of `head: mlp`. */
export const HIDDEN_UNITS = 512

/** Later parts win. Members that are undefined are left out. */
export function recipeOf(
  objective: TrainingRecipe['objective'],
  ...parts: readonly Partial<TrainingRecipe>[]
): TrainingRecipe {
  const given = parts.flatMap((part) =>
    Object.entries(part).filter(([, value]) => value !== undefined),
  )
  return { ...RECIPE_DEFAULTS, ...Object.fromEntries(given), objective }
}

/**
 * Before hours of work: whether what was chosen fits together, whatever the images.
 * @throws TRAINING_INVALID
 */
export function checkRecipe(recipe: TrainingRecipe): void {
  resolveTraining({
    ...recipe,
    inputDimensions: recipe.dimensions,
    ...{ classes: 2, batch: { classes: 2, perClass: 2 } },
  })
}
