import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueEntry, ModelCatalogue } from '../../embedding/models.ts'
import { AppError, shown } from '../../errors.ts'
import { listBundles } from './list-bundles.ts'
import { readBundle, readDescription } from './read-bundle.ts'

/** A name becomes a path below the models folder: nothing else may. */
const BUNDLE_NAME = /^[a-z0-9][a-z0-9._-]*$/i

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
    async read(name) {
      try {
        if (!BUNDLE_NAME.test(name)) throw new Error('it is no name of a bundle')
        return await readBundle(join(modelsFolder, name))
      } catch (cause) {
        const code = cause instanceof AppError ? cause.code : 'MODEL_NOT_FOUND'
        throw new AppError(code, `expected a sound model ${shown(name)}`, { cause })
      }
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
