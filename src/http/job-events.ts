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
 * Makes the streams of server-sent events (WHATWG HTML, section 9.2) about jobs. Every event is the job as it
 * is then; the id of the event is the version of the job.
 */
export function createJobEvents(jobs: Pick<JobRunner, 'job' | 'changed'>) {
  let watchers = 0

  /**
   * Streams the events of one job, and ends after that of its final state.
   *
   * @param lastEventId what the client saw last; that version is not sent again.
   * @param signal ends the stream.
   * @throws JOB_NOT_FOUND; QUEUE_FULL when too many watch.
   */
  return (id: string, lastEventId: unknown, signal: AbortSignal): Readable => {
    jobs.job(id)
    if (watchers >= MAX_WATCHERS) {
      const message = `${MAX_WATCHERS} already watch jobs`
      throw new AppError('QUEUE_FULL', message, { retryAfterSeconds: 10 })
    }
    watchers++
    const stream = Readable.from(events(id, lastEventId, signal))
    stream.once('close', () => watchers--)
    return stream
  }

  async function* events(id: string, lastEventId: unknown, signal: AbortSignal) {
    let seen = lastEventId
    for (;;) {
      const job = jobs.job(id)
      const version = String(job.version)
      if (version !== seen) {
        yield `id: ${version}\nevent: job\ndata: ${JSON.stringify(jobView(job))}\n\n`
      }
      seen = version
      if (isFinished(job)) return
      try {
        yield* untilChanged(job, signal)
        await wait(PAUSE_MS, undefined, { signal })
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
    }
  }

  async function* untilChanged({ id, version }: Job, signal: AbortSignal) {
    while (jobs.job(id).version === version) {
      const silence = AbortSignal.timeout(HEARTBEAT_MS)
      try {
        await jobs.changed(id, AbortSignal.any([signal, silence]))
      } catch (error) {
        if (signal.aborted || !silence.aborted) throw error
        yield ': still here\n\n'
      }
    }
  }
}
