import type { Config } from '../config/config.ts'
import { AppError } from '../errors.ts'
import { collectionVectors } from '../training/data/collection-vectors.ts'
import type { TrainingSource } from '../training/data/source.ts'
import { openServiceAlone } from './data-folder-target.ts'

/**
 * The vectors of a collection of the data folder, which is closed again, and the model that they are of.
 * @throws COLLECTION_NOT_FOUND, COLLECTION_WITHOUT_MODEL, DATA_FOLDER_LOCKED, and as collectionVectors.
 */
export async function collectionSource(
  config: Config,
  { collection: name, field }: { readonly collection: string; readonly field: string },
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<{ readonly source: TrainingSource; readonly model: string }> {
  const service = await openServiceAlone(config)
  try {
    const collection = service.collections.get(name)
    const { model } = collection.spec
    if (model === null) {
      throw new AppError(
        'COLLECTION_WITHOUT_MODEL',
        `expected a collection with a model, whose vectors are features of it, got ${name}`,
      )
    }
    const { source, unlabelled } = await collectionVectors(collection, field, signal)
    if (unlabelled > 0) say(`left out records whose ${field} is no label: ${unlabelled}`)
    return { source, model }
  } finally {
    await service.close()
  }
}
