import type { JobStore } from '../../engine/job-store.ts'
import { AppError, shown } from '../../errors.ts'
import { isRefusal } from '../refusals.ts'
import { errorOf, isFinished, type Job, withCount, withFailure } from './job.ts'
import type { JobKind, JobRun } from './job-kind.ts'
import { Retry, type Wait } from './retry.ts'

export interface JobRequest {
  readonly kind: string
  readonly collection: string | null
  readonly about: string
  /** Plain JSON. */
  readonly input: unknown
}

interface Parts {
  readonly store: JobStore
  readonly kinds: readonly JobKind[]
  readonly now: () => Date
  readonly newId: () => string
  readonly wait: Wait
  /** Told of the cause when a job fails as a whole. */
  readonly onFailed: (job: Job, cause: unknown) => void
  /** Told when jobs cannot be written down: the service should end. */
  readonly onBroken: (cause: Error) => void
}

/** Jobs of different collections that run at once. */
const MAX_RUNNING = 2
const MAX_QUEUED = 32
const MAX_FINISHED_KEPT = 200
const MAX_ATTEMPTS = 3

interface Running {
  readonly controller: AbortController
  readonly ended: Promise<void>
}

/**
 * Runs jobs one at a time a collection (see Job), in the order asked, and writes down how far they are: a job that a stop
 * or a crash interrupts goes on from its checkpoint at the next start.
 */
export class JobRunner {
  readonly #parts: Parts
  readonly #kinds: ReadonlyMap<string, JobKind>
  /** In order of creation. */
  readonly #jobs = new Map<string, Job>()
  readonly #running = new Map<string, Running>()
  /** What goes with the checkpoint of a job that runs. */
  readonly #saved = new Map<string, Partial<Job>>()
  readonly #watchers = new Set<{ readonly id: string; seen(): void }>()
  /** Jobs that this process does not take up. */
  readonly #left = new Set<string>()
  #adding = 0
  #state: 'loading' | 'open' | 'closed' = 'loading'

  constructor(parts: Parts) {
    this.#parts = parts
    this.#kinds = new Map(parts.kinds.map((kind) => [kind.name, kind]))
  }

  /** Takes up what an earlier process left; where it is not to go on it stays queued, for the next process. */
  async open({ goOn }: { readonly goOn: boolean } = { goOn: true }): Promise<void> {
    for (const job of await this.#parts.store.jobs()) {
      // Those of earlier versions told nothing.
      const known = { ...job, details: job.details ?? null }
      this.#jobs.set(job.id, job.state === 'running' ? { ...known, state: 'queued' } : known)
      if (!goOn) this.#left.add(job.id)
    }
    if (this.#state === 'loading') this.#state = 'open'
    this.#startNext()
  }

  /** The newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].reverse()
  }

  /** @throws JOB_NOT_FOUND. */
  job(id: string): Job {
    const job = this.#jobs.get(id)
    if (job === undefined) throw new AppError('JOB_NOT_FOUND', `no job ${shown(id)}`)
    return job
  }

  /** @throws QUEUE_FULL, NOT_READY before `open`, SHUTTING_DOWN after `close`. */
  async start({ kind, collection, about, input }: JobRequest): Promise<Job> {
    this.checkOpen()
    const queued = [...this.#jobs.values()].filter(({ state }) => state === 'queued').length
    if (queued + this.#adding >= MAX_QUEUED) {
      throw new AppError('QUEUE_FULL', `expected at most ${MAX_QUEUED} jobs to wait, got more`, {
        retryAfterSeconds: 10,
      })
    }
    const job: Job = {
      id: this.#parts.newId(),
      kind,
      collection,
      about,
      state: 'queued',
      version: 1,
      progress: { done: 0, total: null, counts: {} },
      failures: [],
      failuresOmitted: 0,
      details: null,
      error: null,
      createdAt: this.#at(),
      startedAt: null,
      finishedAt: null,
      checkpoint: null,
      attempts: 0,
    }
    this.#adding++
    try {
      await this.#parts.store.add(job, input)
    } finally {
      this.#adding--
    }
    this.#jobs.set(job.id, job)
    this.#startNext()
    return this.job(job.id)
  }

  /**
   * Resolves to the job once it has stopped; one that has ended stays as it is. What it did until then stays.
   * @throws JOB_NOT_FOUND.
   */
  async cancel(id: string): Promise<Job> {
    this.checkOpen()
    const job = this.job(id)
    const running = this.#running.get(laneOf(job))
    if (job.state === 'running' && running !== undefined) {
      running.controller.abort(new AppError('CANCELLED', 'the job was cancelled'))
      await running.ended
    } else if (job.state === 'queued') {
      await this.#finish(id, { state: 'cancelled' })
    }
    return this.job(id)
  }

  /** Resolves with the next change of the job. @throws the reason when `signal` aborts. */
  changed(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const settle = (done: () => void) => () => {
        this.#watchers.delete(watcher)
        signal.removeEventListener('abort', aborted)
        done()
      }
      const seen = settle(resolve)
      const aborted = settle(() => reject(signal.reason as Error))
      const watcher = { id, seen }
      this.#watchers.add(watcher)
      signal.addEventListener('abort', aborted, { once: true })
    })
  }

  /** Interrupts what runs; it goes on at the next start. */
  async close(): Promise<void> {
    this.#state = 'closed'
    const stopping = new AppError('SHUTTING_DOWN', 'the service is stopping')
    for (const { controller } of this.#running.values()) controller.abort(stopping)
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
  }

  /** @throws NOT_READY before `open`, SHUTTING_DOWN after `close`. */
  checkOpen(): void {
    if (this.#state === 'open') return
    throw this.#state === 'closed'
      ? new AppError('SHUTTING_DOWN', 'the service is stopping')
      : new AppError('NOT_READY', 'the jobs are still being loaded', { retryAfterSeconds: 2 })
  }

  #startNext(): void {
    for (const job of this.#jobs.values()) {
      if (this.#state !== 'open' || this.#running.size >= MAX_RUNNING) return
      if (job.state !== 'queued' || this.#left.has(job.id)) continue
      if (this.#running.has(laneOf(job))) continue
      const controller = new AbortController()
      const ended = this.#run(job, controller.signal)
        .catch((cause: unknown) => this.#parts.onBroken(cause as Error))
        .finally(() => {
          this.#running.delete(laneOf(job))
          this.#startNext()
        })
      this.#running.set(laneOf(job), { controller, ended })
    }
  }

  async #run({ id, kind: name, startedAt, attempts }: Job, signal: AbortSignal): Promise<void> {
    this.#change(id, {
      state: 'running',
      startedAt: startedAt ?? this.#at(),
      attempts: attempts + 1,
    })
    await this.#save(id)
    this.#remember(id)
    const end = await this.#work(id, name, attempts, signal)
    this.#saved.delete(id)
    if (end.state === 'queued') {
      this.#change(id, end)
      await this.#save(id)
    } else {
      await this.#finish(id, end)
    }
  }

  /** Does the work, and says how the job is to go on. */
  async #work(
    id: string,
    name: string,
    attempts: number,
    signal: AbortSignal,
  ): Promise<Partial<Job>> {
    try {
      const kind = this.#kindOf(name)
      if (attempts >= MAX_ATTEMPTS) {
        throw new AppError('JOB_INTERRUPTED', `given up after ${attempts} starts without progress`)
      }
      const input = await this.#parts.store.input(id)
      await kind.run(this.#view(id, input, signal))
      return { state: 'succeeded' }
    } catch (cause) {
      if (signal.aborted) {
        const cancelled = (signal.reason as AppError).code === 'CANCELLED'
        // A stop in order is no attempt that failed. What was counted since the checkpoint is done again.
        return cancelled
          ? { state: 'cancelled' }
          : { ...this.#saved.get(id), state: 'queued', attempts: 0 }
      }
      this.#parts.onFailed(this.job(id), cause)
      return { state: 'failed', error: errorOf(cause) }
    }
  }

  async #finish(id: string, end: Partial<Job>): Promise<void> {
    this.#change(id, { ...end, finishedAt: this.#at() })
    await this.#save(id)
    const kind = this.#kinds.get(this.job(id).kind)
    await kind?.discard(await this.#parts.store.input(id))
    const finished = [...this.#jobs.values()].filter(isFinished)
    for (const old of finished.slice(0, Math.max(0, finished.length - MAX_FINISHED_KEPT))) {
      this.#jobs.delete(old.id)
      await this.#parts.store.forget(old.id)
    }
  }

  #view(id: string, input: unknown, signal: AbortSignal): JobRun {
    const { collection, checkpoint, details } = this.job(id)
    const retry = new Retry(this.#parts.wait, signal)
    return {
      collection,
      input,
      checkpoint,
      details,
      signal,
      expect: (total) => this.#change(id, { progress: { ...this.job(id).progress, total } }),
      count: (outcome) => this.#change(id, withCount(this.job(id), outcome)),
      at: (done, total) =>
        this.#change(id, { progress: { ...this.job(id).progress, done, total } }),
      tell: (details) => this.#change(id, { details }),
      refuse: (item, error) => {
        if (!isRefusal(error)) throw error
        this.#change(id, withFailure(withCount(this.job(id), 'refused'), item, error))
      },
      save: async (next) => {
        this.#change(id, { checkpoint: next, attempts: 0 })
        await this.#save(id)
        this.#remember(id)
      },
      retry: (call) => retry.call(call),
    }
  }

  #remember(id: string): void {
    const { progress, failures, failuresOmitted, details } = this.job(id)
    this.#saved.set(id, { progress, failures, failuresOmitted, details })
  }

  #kindOf(name: string): JobKind {
    const kind = this.#kinds.get(name)
    if (kind !== undefined) return kind
    const known = [...this.#kinds.keys()].join(', ')
    throw new AppError('JOB_INTERRUPTED', `expected a job of ${known}, got ${shown(name)}`)
  }

  #change(id: string, changes: Partial<Job>): void {
    const job = this.job(id)
    this.#jobs.set(id, { ...job, ...changes, version: job.version + 1 })
    for (const watcher of [...this.#watchers]) if (watcher.id === id) watcher.seen()
  }

  #save(id: string): Promise<void> {
    const retry = new Retry(this.#parts.wait, new AbortController().signal)
    return retry.call(() => this.#parts.store.save(this.job(id)))
  }

  #at(): string {
    return this.#parts.now().toISOString()
  }
}

/** Jobs of one lane run one after the other. No collection has a name with a space. */
function laneOf({ kind, collection }: Job): string {
  return collection ?? `kind ${kind}`
}
