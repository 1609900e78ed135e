import { readFile, rm } from 'node:fs/promises'
import { DamagedFile } from '../files/damaged-file.ts'
import { isMissing } from '../files/durable-files.ts'
import { sealed, unsealed } from '../files/sealed-json.ts'
import type { TrainingRecipe } from '../learning/recipe.ts'
import type { TrainingData } from '../training/data/load-data.ts'
import { stateFile, unusableState, writeState } from '../training/run/checkpoint-file.ts'
import type { ReachedRun } from './comparison-report.ts'

/** To be raised when what the file holds changes. */
const FORM = 1

/**
 * The trainings of a comparison that are done, in a file by recipes, features and labels: the same
 * command goes on with the next one. The seed is of no meaning to the name, so that a comparison
 * that was interrupted can also go on with more seeds.
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

  /** @returns `damaged` for a file that cannot be used. @throws DATA_FOLDER_UNUSABLE */
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

  /** When the comparison is done. */
  async remove(): Promise<void> {
    await rm(this.file, { force: true })
  }
}
