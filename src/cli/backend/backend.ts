import { setTimeout as wait } from 'node:timers/promises'
import type { AddResult, CollectionStatus, ImageInput } from '../../collection/requests.ts'
import type { Keep } from '../../engine/collection-spec.ts'
import type { Metadata } from '../../engine/metadata.ts'
import type { RecordSummary } from '../../engine/record.ts'
import { AppError, type ErrorCode } from '../../errors.ts'

const MAX_ATTEMPTS = 10
const MIN_WAIT_SECONDS = 0.1
const MAX_WAIT_SECONDS = 30
const QUEUE_WAIT_SECONDS = 0.5

/** Does the work of `index`: on a data folder that this process opens, or in a running service. */
export interface Backend {
  /** The size beyond which a file need not be read. */
  readonly maxImageBytes: number
  /** @throws COLLECTION_NOT_FOUND */
  collection(name: string): Promise<CollectionStatus>
  /** Creates a collection of the default model. */
  create(name: string, keep: Keep | undefined): Promise<CollectionStatus>
  /** Gives what is stored under each id, null where there is nothing. */
  summaries(collection: string, ids: readonly string[]): Promise<readonly (RecordSummary | null)[]>
  addImage(collection: string, input: ImageInput): Promise<AddResult>
  /** Applies a JSON merge patch to the metadata of a record. @returns whether there is one. */
  patchMetadata(collection: string, id: string, patch: Metadata): Promise<boolean>
  close(): Promise<void>
}

/** Creates the collection when it is missing. @throws COLLECTION_DIFFERS when it is there and does not keep `keep`. */
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

/**
 * Calls again after errors that say "not now", up to 10 times and after the time they ask for, at
 * most 30 s each. A quota that is used up is not waited for. @throws the last error, or CANCELLED when `signal` fires during a wait.
 */
export async function withRetries<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      const byDefault = hasCode(error, 'QUEUE_FULL') ? QUEUE_WAIT_SECONDS : undefined
      const wanted = (error instanceof AppError ? error.retryAfterSeconds : undefined) ?? byDefault
      const isHopeless = wanted === undefined || hasCode(error, 'QUOTA_EXCEEDED')
      if (isHopeless || attempt === MAX_ATTEMPTS) throw error
      const seconds = Math.min(MAX_WAIT_SECONDS, Math.max(MIN_WAIT_SECONDS, wanted))
      await wait(seconds * 1000, undefined, signal && { signal }).catch(() => {
        throw new AppError('CANCELLED', 'stopped while waiting to try again', { cause: error })
      })
    }
  }
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
