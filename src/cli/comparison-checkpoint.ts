import { sealed, unsealed } from '../files/sealed-json.ts'
import type { TrainingRecipe } from '../learning/recipe.ts'
import type { TrainingData } from '../training/data/load-data.ts'
import { CheckpointFile, type CheckpointFormat } from '../training/run/checkpoint-file.ts'
import type { ReachedRun } from './comparison-report.ts'

/** To be raised when what the file holds changes. */
const FORM = 1

const FORMAT: CheckpointFormat<readonly ReachedRun[]> = {
  ending: '.comparison.json',
  encode: (runs) => [Buffer.from(sealed({ runs }))],
  decode: (bytes) => unsealed<{ runs: readonly ReachedRun[] }>(bytes.toString('utf8')).runs,
}

/**
 * Names the file of the trainings of a comparison that are done by recipes, features and labels: the
 * same command resumes with the next one. The seed is of no meaning to the name, so that a comparison
 * that was interrupted can also be resumed with more seeds.
 */
export function comparisonCheckpoint(
  dataFolder: string,
  recipes: readonly TrainingRecipe[],
  { features, labels, parts }: Pick<TrainingData, 'features' | 'labels' | 'parts'>,
): CheckpointFile<readonly ReachedRun[]> {
  const seedless = recipes.map(({ seed: _, ...recipe }) => recipe)
  const work = [FORM, seedless, features.dimensions, labels, parts]
  return new CheckpointFile(dataFolder, work, features, FORMAT)
}
