import type { LoadedGeneration } from '../../engine/embedded/loaded-generation.ts'
import type { RecordStore } from '../../engine/embedded/store/record-store.ts'
import { AppError, shown } from '../../errors.ts'
import { seededRandom } from '../../vector/random.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import type { ReadPicture } from './pictures.ts'

/** Records of a generation that are embedded once more. */
const SAMPLE = 16
const SAMPLE_SEED = 1
/** Of the vector's length: what other batches and threads may change, and no other model stays below. */
const MOST_DIFFERENCE = 1e-3
const UNIT_WITHIN = 1e-4

/** @throws REEMBED_DIFFERS for a vector that is not finite, or not unit where it should be. */
export function checkVector(metric: SpaceKind): (id: string, vector: Float32Array) => void {
  return (id, vector) => {
    const length = norm(vector)
    const sound =
      metric === 'cosine' ? Math.abs(length - 1) <= UNIT_WITHIN : Number.isFinite(length)
    if (sound) return
    const wanted = metric === 'cosine' ? 'length 1' : 'finite numbers'
    throw differs(`expected a vector of ${wanted} for ${shown(id)}, got length ${length}`)
  }
}

/**
 * Embeds a few of its records once more, and compares. Those whose picture cannot be read are left out.
 * @throws REEMBED_DIFFERS.
 */
export async function checkSample(
  generation: LoadedGeneration,
  store: RecordStore,
  read: ReadPicture,
  { retry, signal }: Pick<JobRun, 'retry' | 'signal'>,
): Promise<void> {
  const { gallery, stored } = generation
  const how = { thumbnail: false, fingerprint: false, priority: 'bulk' } as const
  const embedding = await generation.imageEmbedding()
  for (const { id, vector } of await gallery.sample(SAMPLE, seededRandom(SAMPLE_SEED))) {
    const record = await store.record(stored.key, id)
    // Only the version that the vector is of can be compared.
    if (record === null || record.key !== gallery.keyOf(id)) continue
    const bytes = await readable(read, {
      ...record,
      contentHash: record.image?.contentHash ?? null,
    })
    if (bytes === null) continue
    const again = await retry(() => embedding.embed(bytes, how, signal))
    const difference = norm(again.vector.map((value, i) => value - vector[i]!))
    if (difference <= MOST_DIFFERENCE * norm(vector)) continue
    throw differs(`expected the vector of ${shown(id)} again, got one ${difference} away`)
  }
}

async function readable(
  read: ReadPicture,
  record: Parameters<ReadPicture>[0],
): Promise<Uint8Array | null> {
  try {
    return await read(record)
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

function norm(vector: Float32Array): number {
  let squared = 0
  for (const value of vector) squared += value * value
  return Math.sqrt(squared)
}

function differs(message: string): AppError {
  return new AppError('REEMBED_DIFFERS', message)
}
