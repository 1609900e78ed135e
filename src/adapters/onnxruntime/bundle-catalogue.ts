import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueEntry, ModelCatalogue } from '../../embedding/model-catalogue.ts'
import { AppError } from '../../errors.ts'
import { listBundles } from './list-bundles.ts'
import { readDescription } from './read-bundle.ts'

/** The bundles of a models folder, read anew for each list. */
export function bundleCatalogue(modelsFolder: string): ModelCatalogue {
  return {
    async list() {
      const names = await listBundles(modelsFolder).catch((cause) => {
        // No fault of a caller, who shall not read the path.
        throw new AppError('MODEL_INVALID', 'the models folder cannot be read', { cause })
      })
      const entries = await Promise.all(names.map((name) => entryOf(join(modelsFolder, name))))
      return entries.flat()
    },
  }
}

async function entryOf(folder: string): Promise<readonly CatalogueEntry[]> {
  try {
    const { name, licence, output } = await readDescription(folder)
    const { mtimeMs } = await stat(join(folder, 'model.json'))
    const { dimensions, minDimensions = dimensions } = output
    const createdAt = Math.floor(mtimeMs / 1000)
    return [{ name, dimensions, minDimensions, licence, createdAt }]
  } catch (error) {
    // Faulty, or removed since it was listed: `lookalike models list` tells why.
    if (error instanceof AppError) return []
    throw error
  }
}
