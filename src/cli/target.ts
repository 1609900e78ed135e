import type { Job } from '../collection/jobs/job.ts'
import type { ReembedInput } from '../collection/reembed/reembeddings.ts'
import type {
  AddResult,
  CollectionStatus,
  ImageInput,
  SearchAnswer,
} from '../collection/requests.ts'
import type { Keep } from '../engine/collection-spec.ts'
import type { KeptContent } from '../engine/embedded/store/record-store.ts'
import { AppError } from '../errors.ts'

/** A search by one picture. `filter` is as the user wrote it, already known to parse. */
export interface PictureQuery {
  readonly bytes: Uint8Array
  /** Both null: k is 10. */
  readonly k: number | null
  readonly radius: number | null
  readonly filter: object | null
}

/** A job as the contract shows it. */
export type JobReport = Pick<
  Job,
  'id' | 'state' | 'progress' | 'failures' | 'failuresOmitted' | 'error'
>

/** What the commands work on: a data folder of their own, or a running service. */
export interface Target {
  /** Larger files need not be read. */
  readonly maxImageBytes: number
  collections(): Promise<readonly CollectionStatus[]>
  /** @throws COLLECTION_NOT_FOUND */
  collection(name: string): Promise<CollectionStatus>
  /** With the default model. */
  create(request: { name: string; keep?: Keep }): Promise<CollectionStatus>
  /** SHA-256 of the stored image of each id, null where there is none. */
  contentHashes(collection: string, ids: readonly string[]): Promise<readonly (string | null)[]>
  addImage(collection: string, input: ImageInput): Promise<AddResult>
  search(collection: string, query: PictureQuery): Promise<SearchAnswer>
  /** Null when nothing was kept. */
  content(collection: string, id: string): Promise<KeptContent | null>
  startReembed(collection: string, input: ReembedInput): Promise<JobReport>
  job(id: string): Promise<JobReport>
  /** Resolves once it has stopped. */
  cancelJob(id: string): Promise<JobReport>
  close(): Promise<void>
}

/**
 * Creates the collection when it is missing.
 * @throws COLLECTION_DIFFERS when it is there and keeps something else than was asked for.
 */
export async function ensureCollection(
  target: Target,
  request: { name: string; keep?: Keep },
): Promise<CollectionStatus> {
  const there = await unless('COLLECTION_NOT_FOUND', target.collection(request.name))
  if (there === null) return await target.create(request)
  if (request.keep !== undefined && request.keep !== there.keep) {
    throw new AppError(
      'COLLECTION_DIFFERS',
      `the collection "${there.name}" is there and keeps ${there.keep}, not ${request.keep}`,
    )
  }
  return there
}

/** The answer, or null when it is the error of that code. */
export async function unless<T>(code: AppError['code'], answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof AppError && error.code === code) return null
    throw error
  }
}
