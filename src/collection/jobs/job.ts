import { AppError, type ErrorCode } from '../../errors.ts'

type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

/** One thing of many that a job could not do, while it went on with the others. */
interface JobFailure {
  /** What it was about: an id, a path or a URL. */
  readonly item: string
  readonly code: ErrorCode
  readonly detail: string
}

/** Work that outlives the request that asked for it, and the process that began it. */
export interface Job {
  readonly id: string
  /** Which work it is: the name of a JobKind. */
  readonly kind: string
  /**
   * The collection it works on; one job of a collection runs at a time, and one of a kind of those
   * that work on none.
   */
  readonly collection: string | null
  /** For people: what it was asked to do. */
  readonly about: string
  readonly state: JobState
  /** Grows with every change that can be seen. */
  readonly version: number
  readonly progress: {
    readonly done: number
    /** Null where nobody knows. */
    readonly total: number | null
    /** What became of those done, by the words of the kind. */
    readonly counts: Readonly<Record<string, number>>
  }
  /** The first of them, at most MAX_FAILURES. */
  readonly failures: readonly JobFailure[]
  readonly failuresOmitted: number
  /** What its kind tells besides, plain JSON; null for nothing. */
  readonly details: unknown
  /** Why it failed as a whole. */
  readonly error: { readonly code: ErrorCode; readonly detail: string } | null
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** Where to go on after a restart; the kind's own, plain JSON. Null: at the beginning. */
  readonly checkpoint: unknown
  /** Starts since the last checkpoint: a job that ends the process every time is given up. */
  readonly attempts: number
}

const MAX_FAILURES = 100
const MAX_TEXT_LENGTH = 300

export function isFinished({ state }: Pick<Job, 'state'>): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

/** The job with one more item done. */
export function withCount(job: Job, name: string): Job {
  const { done, counts } = job.progress
  const count = (Object.hasOwn(counts, name) ? counts[name]! : 0) + 1
  return {
    ...job,
    progress: { ...job.progress, done: done + 1, counts: { ...counts, [name]: count } },
  }
}

export function withFailure(job: Job, item: string, { code, message }: AppError): Job {
  if (job.failures.length >= MAX_FAILURES) {
    return { ...job, failuresOmitted: job.failuresOmitted + 1 }
  }
  const failure = {
    item: item.slice(0, MAX_TEXT_LENGTH),
    code,
    detail: message.slice(0, MAX_TEXT_LENGTH),
  }
  return { ...job, failures: [...job.failures, failure] }
}

/** What callers may read of the failure of a whole job: anything unexpected stays in the log. */
export function errorOf(error: unknown): NonNullable<Job['error']> {
  if (!(error instanceof AppError)) {
    return { code: 'INTERNAL_ERROR', detail: 'the job failed; the log has the cause' }
  }
  return { code: error.code, detail: error.message.slice(0, MAX_TEXT_LENGTH) }
}
