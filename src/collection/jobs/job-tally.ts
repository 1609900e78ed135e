import type { Job } from './job.ts'

interface Ended extends Pick<Job, 'kind' | 'state'> {
  readonly count: number
}

/** Counts the jobs that have ended in this process, by kind and how. */
export class JobTally {
  readonly #ended = new Map<string, Ended>()

  get ended(): readonly Ended[] {
    return [...this.#ended.values()]
  }

  count({ kind, state }: Job): void {
    const name = `${kind} ${state}`
    const count = (this.#ended.get(name)?.count ?? 0) + 1
    this.#ended.set(name, { kind, state, count })
  }
}
