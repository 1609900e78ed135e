import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MODEL_NAME } from '../../embedding/embedder.ts'
import type { CatalogueEntry, ModelCatalogue } from '../../embedding/models.ts'
import { AppError, shown } from '../../errors.ts'
import { type BundlePlaces, bundleFolder } from './bundle-folder.ts'
import { listModels, readBundle, readDescription } from './read-bundle.ts'

/** Gives the bundles, read again for each list. */
export function bundleCatalogue(places: BundlePlaces): ModelCatalogue {
  return {
    async list() {
      const models = await listModels(places).catch((cause) => {
        // No fault of a caller, who shall not read the path.
        throw new AppError('MODEL_INVALID', 'the models folder cannot be read', { cause })
      })
      const entries = await Promise.all(models.map(({ folder }) => entryOf(folder)))
      return entries.flat()
    },
    async read(name) {
      try {
        // A name becomes a path below the models folder: nothing else may.
        if (!MODEL_NAME.test(name)) throw new Error('it is no name of a bundle')
        return await readBundle(bundleFolder(places, name))
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
    // Faulty, or removed since it was listed: `lookalike models list` says why.
    if (error instanceof AppError) return []
    throw error
  }
}
