import { setTimeout as wait } from 'node:timers/promises'
import { isFinished } from '../collection/jobs/job.ts'
import type { ReembedInput } from '../collection/reembed/reembeddings.ts'
import type { ErrorCode } from '../errors.ts'
import { withRetries } from './retry.ts'
import type { JobReport, Target } from './target.ts'

export type ReembedOrder = ReembedInput & { readonly collection: string }

/** The form of `lookalike collections reembed --json`. */
export interface ReembedReport {
  readonly collection: string
  readonly model: string
  readonly state: JobReport['state']
  /** Records: given a vector now; had one of an earlier try; replaced or deleted meanwhile. */
  readonly embedded: number
  readonly skipped: number
  readonly ended: number
  /** Records that got no vector; the first hundred of them by id. */
  readonly refused: number
  readonly failures: readonly { readonly id: string; code: ErrorCode; detail: string }[]
  readonly error: JobReport['error']
  readonly seconds: number
}

const ASK_EVERY_MS = 500

/**
 * Starts the job and follows it to its end; a signal that aborts cancels it.
 * @throws what starting and asking throw; why the job itself failed is in the report.
 */
export async function reembedCollection(
  target: Target,
  { collection, ...input }: ReembedOrder,
  signal: AbortSignal,
  onProgress: (progress: JobReport['progress']) => void,
): Promise<ReembedReport> {
  const started = performance.now()
  let job = await withRetries(() => target.startReembed(collection, input), signal)
  const { id } = job
  while (!isFinished(job)) {
    onProgress(job.progress)
    await wait(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    job = await withRetries(() => (signal.aborted ? target.cancelJob(id) : target.job(id)))
  }
  const { embedded = 0, skipped = 0, ended = 0, refused = 0 } = job.progress.counts
  const seconds = Math.round(performance.now() - started) / 1000
  return {
    ...{ collection, model: input.model, state: job.state },
    ...{ embedded, skipped, ended, refused },
    failures: job.failures.map(({ item, code, detail }) => ({ id: item, code, detail })),
    ...{ error: job.error, seconds },
  }
}
