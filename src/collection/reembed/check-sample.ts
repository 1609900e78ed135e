import type { GenerationDraft } from '../../engine/generation.ts'
import { AppError, shown } from '../../errors.ts'
import { seededRandom } from '../../vector/random.ts'
import type { CollectionModels } from '../collection-models.ts'
import type { JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import type { ReadImage } from './record-images.ts'

/** The number of records of a generation that are embedded once more. */
const SAMPLE = 16
const SAMPLE_SEED = 1
/** The share of a vector's length that other batches and threads may change; no other model stays below. */
const MOST_DIFFERENCE = 1e-3

/**
 * Embeds a few records of a generation once more, and compares. Those whose image cannot be read are left out.
 * @throws REEMBED_DIFFERS.
 */
export async function checkSample(
  draft: GenerationDraft,
  embeddings: CollectionModels,
  read: ReadImage,
  { retry, signal }: JobRun,
): Promise<void> {
  const how = { priority: 'bulk' } as const
  for (const { id, image, vector } of await draft.sample(SAMPLE, seededRandom(SAMPLE_SEED))) {
    const bytes = await read({ id, contentHash: image?.contentHash ?? null }).catch((error) => {
      if (isRefusal(error)) return null
      throw error
    })
    if (bytes === null) continue
    const again = await retry(() => embeddings.embed(bytes, draft.spec, how, signal))
    const difference = Math.hypot(...again.vector.map((value, i) => value - vector[i]!))
    if (difference <= MOST_DIFFERENCE * Math.hypot(...vector)) continue
    const message = `expected the vector of ${shown(id)} again, got one ${difference} away`
    throw new AppError('REEMBED_DIFFERS', message)
  }
}
