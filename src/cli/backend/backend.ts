import type { Job } from '../../collection/jobs/job.ts'
import type { ReembedInput } from '../../collection/reembed/reembeddings.ts'
import type {
  AddResult,
  CollectionStatus,
  ImageInput,
  SearchAnswer,
} from '../../collection/requests.ts'
import type { Keep } from '../../engine/collection-spec.ts'
import type { KeptContent } from '../../engine/record.ts'
import { AppError, type ErrorCode } from '../../errors.ts'

/** A search by one image. */
interface ImageQuery {
  readonly bytes: Uint8Array
  /** With neither `k` nor `radius`, k is 10. */
  readonly k: number | null
  readonly radius: number | null
  /** As the user wrote it, already known to parse. */
  readonly filter: object | null
}

/** A job as the HTTP contract shows it. */
export type JobReport = Pick<
  Job,
  'id' | 'state' | 'progress' | 'failures' | 'failuresOmitted' | 'error'
>

/** Does the work of the commands: on a data folder that this process opens, or in a running service. */
export interface Backend {
  /** Larger files need not be read. */
  readonly maxImageBytes: number
  collections(): Promise<readonly CollectionStatus[]>
  /** @throws COLLECTION_NOT_FOUND */
  collection(name: string): Promise<CollectionStatus>
  /** Creates a collection of the default model. */
  create(name: string, keep: Keep | undefined): Promise<CollectionStatus>
  /** Gives the SHA-256 of the stored image of each id, null where there is none. */
  contentHashes(collection: string, ids: readonly string[]): Promise<readonly (string | null)[]>
  addImage(collection: string, input: ImageInput): Promise<AddResult>
  search(collection: string, query: ImageQuery): Promise<SearchAnswer>
  /** Gives what was kept of an image, or null. */
  content(collection: string, id: string): Promise<KeptContent | null>
  startReembed(collection: string, input: ReembedInput): Promise<JobReport>
  job(id: string): Promise<JobReport>
  /** Resolves once the job has stopped. */
  cancelJob(id: string): Promise<JobReport>
  close(): Promise<void>
}

/**
 * Creates the collection when it is missing.
 * @throws COLLECTION_DIFFERS when it is there and keeps something else than was asked for.
 */
export async function ensureCollection(
  backend: Backend,
  name: string,
  keep: Keep | undefined,
): Promise<CollectionStatus> {
  const found = await nullFor('COLLECTION_NOT_FOUND', backend.collection(name))
  if (found === null) return await backend.create(name, keep)
  if (keep === undefined || keep === found.keep) return found
  const message = `the collection "${found.name}" is there and keeps ${found.keep}, not ${keep}`
  throw new AppError('COLLECTION_DIFFERS', message)
}

/** Gives the answer, or null when it is the error of that code. */
export async function nullFor<T>(code: ErrorCode, answer: Promise<T>): Promise<T | null> {
  return await answer.catch((error: unknown) => {
    if (hasCode(error, code)) return null
    throw error
  })
}

export function hasCode(error: unknown, code: ErrorCode): error is AppError {
  return error instanceof AppError && error.code === code
}
