import type { Config } from '../config/config.ts'
import type { TrainingContext } from '../training/context.ts'
import { backboneOf, collectionVectors } from '../training/data/collection-vectors.ts'
import type { TrainingSource } from '../training/data/source.ts'
import { openServiceAlone } from './data-folder-target.ts'

/**
 * The vectors of a collection of the data folder, which is closed again, and the model that they are of.
 * @throws COLLECTION_NOT_FOUND, COLLECTION_WITHOUT_MODEL, DATA_FOLDER_LOCKED, and as collectionVectors.
 */
export async function collectionSource(
  config: Config,
  { collection: name, field }: { readonly collection: string; readonly field: string },
  context: Pick<TrainingContext, 'onNote' | 'signal'>,
): Promise<{ readonly source: TrainingSource; readonly model: string }> {
  const service = await openServiceAlone(config)
  try {
    const collection = service.collections.get(name)
    const model = backboneOf(collection.spec)
    return { source: await collectionVectors(collection, field, context), model }
  } finally {
    await service.close()
  }
}
