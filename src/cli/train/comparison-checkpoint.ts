import { readFile, rm } from 'node:fs/promises'
import { DamagedFile, isMissing } from '../../files/durable-files.ts'
import { sealed, unsealed } from '../../files/sealed-json.ts'
import type { TrainingRecipe } from '../../learning/training-recipe.ts'
import type { TrainingData } from '../../training/data/training-data.ts'
import { stateFile, unusableState, writeState } from '../../training/run/kept-state.ts'
import type { ReachedRun } from './comparison-report.ts'

/** Rises when what the file holds changes. */
const FORM = 1

/**
 * Keeps the trainings of a comparison that are done in a file named for recipes, features and labels, so that the same
 * command resumes with the next one. The name leaves out the seed, so that a comparison can also be resumed with more seeds.
 */
export class ComparisonCheckpoint {
  readonly file: string

  constructor(
    dataFolder: string,
    recipes: readonly TrainingRecipe[],
    { features, labels, parts }: Pick<TrainingData, 'features' | 'labels' | 'parts'>,
  ) {
    const seedless = recipes.map(({ seed: _, ...recipe }) => recipe)
    const what = [FORM, seedless, features.dimensions, labels, parts]
    this.file = stateFile(dataFolder, what, features, '.comparison.json')
  }

  /** Reads the trainings that are done. @returns `damaged` for a file that cannot be used. @throws DATA_FOLDER_UNUSABLE */
  async read(): Promise<readonly ReachedRun[] | 'damaged'> {
    try {
      return unsealed<{ runs: readonly ReachedRun[] }>(await readFile(this.file, 'utf8')).runs
    } catch (cause) {
      if (isMissing(cause)) return []
      if (cause instanceof DamagedFile) return 'damaged'
      throw unusableState('read', cause)
    }
  }

  /** @throws DATA_FOLDER_UNUSABLE */
  async write(runs: readonly ReachedRun[]): Promise<void> {
    await writeState(this.file, [Buffer.from(sealed({ runs }))])
  }

  /** Removes the file when the comparison is done. */
  async remove(): Promise<void> {
    await rm(this.file, { force: true })
  }
}
