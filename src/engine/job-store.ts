import type { ErrorCode } from '../errors.ts'

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
  /** The name of its JobKind. */
  readonly kind: string
  /**
   * The collection it works on; one job of a collection runs at a time, and one of a kind of those
   * that work on none.
   */
  readonly collection: string | null
  /** What it is to do, for people. */
  readonly about: string
  readonly state: JobState
  /** Grows with every change that can be seen. */
  readonly version: number
  readonly progress: {
    readonly done: number
    /** The number of items; null where nobody knows. */
    readonly total: number | null
    /** The number of items by what became of them, in words of the kind. */
    readonly counts: Readonly<Record<string, number>>
  }
  /** The first of them, at most MAX_FAILURES. */
  readonly failures: readonly JobFailure[]
  readonly failuresOmitted: number
  /** What its kind reports besides, in plain JSON; null for nothing. */
  readonly details: unknown
  /** Why it failed as a whole. */
  readonly error: { readonly code: ErrorCode; readonly detail: string } | null
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** Where to resume after a restart, in plain JSON of its kind; null for the beginning. */
  readonly checkpoint: unknown
  /** Starts since the last checkpoint: a job that ends the process every time is given up. */
  readonly attempts: number
}

/** Where jobs outlive the process. Changes resolve after their commit. */
export interface JobStore {
  /** All jobs, the oldest first. */
  jobs(): Promise<readonly Job[]>
  /** @param input what the job was asked to do, as JSON; kept apart, as it may be large. */
  add(job: Job, input: unknown): Promise<void>
  /** Replaces all but the input. */
  save(job: Job): Promise<void>
  input(id: string): Promise<unknown>
  forget(id: string): Promise<void>
}
