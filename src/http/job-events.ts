import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { isFinished, type Job } from '../collection/jobs/job.ts'
import type { JobRunner } from '../collection/jobs/job-runner.ts'
import { AppError } from '../errors.ts'
import { jobView } from './job-answer.ts'

const MAX_WATCHERS = 64
/** Milliseconds between two events of one stream at least: a job may change thousands of times a second. */
const PAUSE_MS = 250
/** Milliseconds of silence after which a comment goes out, so that proxies keep the connection. */
const HEARTBEAT_MS = 15_000

/**
 * Sends jobs as server-sent events (WHATWG HTML, section 9.2). Every event is the job as it is then; the id
 * of the event is the version of the job.
 */
export class JobEvents {
  readonly #jobs: Pick<JobRunner, 'job' | 'changed'>
  #watchers = 0

  constructor(jobs: Pick<JobRunner, 'job' | 'changed'>) {
    this.#jobs = jobs
  }

  /**
   * Streams the events of one job, and ends after that of its final state.
   *
   * @param lastEventId what the client saw last; that version is not sent again.
   * @param signal ends the stream.
   * @throws JOB_NOT_FOUND; QUEUE_FULL when too many watch.
   */
  of(id: string, lastEventId: string | string[] | undefined, signal: AbortSignal): Readable {
    this.#jobs.job(id)
    if (this.#watchers >= MAX_WATCHERS) {
      throw new AppError('QUEUE_FULL', `${MAX_WATCHERS} already watch jobs`, {
        retryAfterSeconds: 10,
      })
    }
    this.#watchers++
    const stream = Readable.from(this.#events(id, lastEventId, signal))
    stream.once('close', () => this.#watchers--)
    return stream
  }

  async *#events(
    id: string,
    lastEventId: string | string[] | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    let seen = lastEventId
    for (;;) {
      const job = this.#jobs.job(id)
      if (String(job.version) !== seen) yield eventOf(job)
      seen = String(job.version)
      if (isFinished(job)) return
      try {
        yield* this.#untilChanged(job, signal)
        await wait(PAUSE_MS, undefined, { signal })
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
    }
  }

  async *#untilChanged({ id, version }: Job, signal: AbortSignal): AsyncGenerator<string> {
    while (this.#jobs.job(id).version === version) {
      const silence = AbortSignal.timeout(HEARTBEAT_MS)
      try {
        await this.#jobs.changed(id, AbortSignal.any([signal, silence]))
      } catch (error) {
        if (signal.aborted || !silence.aborted) throw error
        yield ': still here\n\n'
      }
    }
  }
}

function eventOf(job: Job): string {
  return `id: ${job.version}\nevent: job\ndata: ${JSON.stringify(jobView(job))}\n\n`
}
