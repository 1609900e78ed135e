import type { Job, JobStore } from '../../job-store.ts'
import type { StoreThreads } from './store-threads.ts'

/** Jobs beside the records, in the same database. */
export class SqliteJobStore implements JobStore {
  readonly #threads: StoreThreads

  constructor(threads: StoreThreads) {
    this.#threads = threads
  }

  jobs(): Promise<readonly Job[]> {
    const read = (texts: readonly string[]) => texts.map((text) => JSON.parse(text) as Job)
    return this.#threads.reader.call('jobs', undefined, { read })
  }

  add(job: Job, input: unknown): Promise<void> {
    const args = { id: job.id, job: JSON.stringify(job), input: JSON.stringify(input) }
    const bytes = args.job.length + args.input.length
    return this.#threads.writer.call('addJob', args, { bytes })
  }

  save(job: Job): Promise<void> {
    const args = { id: job.id, job: JSON.stringify(job) }
    return this.#threads.writer.call('saveJob', args, { bytes: args.job.length })
  }

  input(id: string): Promise<unknown> {
    const read = (text: string) => JSON.parse(text) as unknown
    return this.#threads.reader.call('jobInput', { id }, { read })
  }

  forget(id: string): Promise<void> {
    return this.#threads.writer.call('forgetJob', { id })
  }
}
