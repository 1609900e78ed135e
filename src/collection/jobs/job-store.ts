import type { Job } from './job.ts'

/** Where jobs outlive the process. Changes resolve after their commit, as those of RecordStore. */
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
