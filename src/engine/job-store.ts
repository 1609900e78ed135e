import type { ErrorCode } from '../errors.ts'

/** One item that a job could not do, while it did the others. */
interface JobFailure {
  /** An id, a path or a URL. */
  readonly item: string
  readonly code: ErrorCode
  readonly detail: string
}

/** Work that outlives its request, and the process that began it. */
export interface Job {
  readonly id: string
  /** The name of its JobKind. */
  readonly kind: string
  /** The collection it works on; one job of a collection runs at a time, and one of a kind of those that work on none. */
  readonly collection: string | null
  /** Its task, in words for people. */
  readonly about: string
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'
  /** Grows with every change that can be seen. */
  readonly version: number
  readonly progress: {
    readonly done: number
    /** The number of items; null where it is unknown. */
    readonly total: number | null
    /** The number of items by their outcome, in words of the kind. */
    readonly counts: Readonly<Record<string, number>>
  }
  /** The first failures, at most MAX_FAILURES. */
  readonly failures: readonly JobFailure[]
  readonly failuresOmitted: number
  /** Further facts of its kind, in plain JSON; null for none. */
  readonly details: unknown
  /** The reason why it failed as a whole. */
  readonly error: { readonly code: ErrorCode; readonly detail: string } | null
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** The place at which to resume after a restart, in plain JSON of its kind; null for the beginning. */
  readonly checkpoint: unknown
  /** The starts since the last checkpoint: a job that ends the process every time is given up. */
  readonly attempts: number
}

/** Keeps jobs beyond the process. Changes resolve after their commit. */
export interface JobStore {
  /** Lists all jobs, the oldest first. */
  jobs(): Promise<readonly Job[]>
  /** @param input the order of the job in plain JSON, which is kept apart, as it may be large. */
  add(job: Job, input: unknown): Promise<void>
  /** Replaces all but the input. */
  save(job: Job): Promise<void>
  input(id: string): Promise<unknown>
  forget(id: string): Promise<void>
}
