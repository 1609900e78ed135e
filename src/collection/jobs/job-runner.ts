import { EventEmitter, once } from 'node:events'
import type { JobStore } from '../../engine/job-store.ts'
import { AppError, shown } from '../../errors.ts'
import { isRefusal } from '../refusals.ts'
import { errorOf, isFinished, type Job, withCount, withFailure } from './job.ts'
import type { JobKind, JobRun } from './job-kind.ts'
import { JobTally } from './job-tally.ts'
import { retry, type Wait } from './retry.ts'

interface JobRequest extends Pick<Job, 'kind' | 'collection' | 'about'> {
  /** Plain JSON. */
  readonly input: unknown
}

interface Parts {
  readonly store: JobStore
  readonly kinds: readonly JobKind[]
  readonly now: () => Date
  readonly newId: () => string
  readonly wait: Wait
  /** Is called when a job fails as a whole. */
  readonly onFailed: (job: Job, cause: unknown) => void
  /** Is called when jobs cannot be written down: the service should end. */
  readonly onBroken: (cause: Error) => void
}

/** The most jobs, of different lanes, that run at once. */
const MAX_RUNNING = 2
const MAX_QUEUED = 32
const MAX_FINISHED_KEPT = 200
const MAX_ATTEMPTS = 3
const NEVER = new AbortController().signal

/**
 * Runs jobs one at a time a collection (see Job), in the order of their requests, and writes down how far they are: a job
 * that a stop or a crash interrupts resumes from its checkpoint at the next start.
 */
export class JobRunner {
  readonly tally = new JobTally()
  readonly #parts: Parts
  readonly #kinds: ReadonlyMap<string, JobKind>
  /** In order of creation. */
  readonly #jobs = new Map<string, Job>()
  /** The jobs that run, by lane. */
  readonly #running = new Map<string, { controller: AbortController; ended: Promise<void> }>()
  /** The members of running jobs as they were at their checkpoint. */
  readonly #saved = new Map<string, Partial<Job>>()
  /** Emits the id of every job that changes. */
  readonly #changes = new EventEmitter().setMaxListeners(0)
  /** The jobs that are left to the next process. */
  readonly #left = new Set<string>()
  /** The places of the queue that are taken for jobs that are not in it yet. */
  #taken = 0
  #state: 'loading' | 'open' | 'closed' = 'loading'
  /** Whether the jobs of an earlier process are known: until then no job can be said to be missing. */
  #isRead = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#kinds = new Map(parts.kinds.map((kind) => [kind.name, kind]))
  }

  /** Reads the jobs of an earlier process, and resumes them, or leaves them queued for the next process. */
  async open({ resume = true } = {}): Promise<void> {
    for (const job of await this.#parts.store.jobs()) {
      // Earlier versions stored no details.
      const known = { ...job, details: job.details ?? null }
      this.#jobs.set(job.id, job.state === 'running' ? { ...known, state: 'queued' } : known)
      if (!resume) this.#left.add(job.id)
    }
    this.#isRead = true
    if (this.#state === 'loading') this.#state = 'open'
    this.#startNext()
  }

  /** The newest first. @throws NOT_READY before `open`. */
  list(): readonly Job[] {
    if (!this.#isRead) this.checkOpen()
    return [...this.#jobs.values()].reverse()
  }

  /** The number of jobs that wait, and of those that run. */
  get unfinished(): Readonly<Record<'queued' | 'running', number>> {
    const jobs = [...this.#jobs.values()]
    const count = (state: Job['state']) => jobs.filter((job) => job.state === state).length
    return { queued: count('queued'), running: count('running') }
  }

  /** @throws JOB_NOT_FOUND, NOT_READY before `open`. */
  job(id: string): Job {
    if (!this.#isRead) this.checkOpen()
    const job = this.#jobs.get(id)
    if (job === undefined) throw new AppError('JOB_NOT_FOUND', `no job ${shown(id)}`)
    return job
  }

  /**
   * Makes a job, and starts it in a place of the queue that is taken before: what takes long to make, and room, is made once the job
   * is sure to be taken.
   * @throws QUEUE_FULL, NOT_READY before `open`, SHUTTING_DOWN after `close`; what `make` throws.
   */
  async startMade<T>(
    make: (start: (request: JobRequest) => Promise<Job>) => Promise<T>,
  ): Promise<T> {
    this.checkOpen()
    const queued = [...this.#jobs.values()].filter(({ state }) => state === 'queued').length
    if (queued + this.#taken >= MAX_QUEUED) {
      throw new AppError('QUEUE_FULL', `expected at most ${MAX_QUEUED} jobs to wait, got more`, {
        retryAfterSeconds: 10,
      })
    }
    this.#taken++
    try {
      return await make((request) => this.#add(request))
    } finally {
      this.#taken--
    }
  }

  /** @throws QUEUE_FULL, NOT_READY before `open`, SHUTTING_DOWN after `close`. */
  async start(request: JobRequest): Promise<Job> {
    return await this.startMade((start) => start(request))
  }

  async #add({ input, ...request }: JobRequest): Promise<Job> {
    // The service may have begun to stop meanwhile.
    this.checkOpen()
    const job: Job = {
      id: this.#parts.newId(),
      ...request,
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
    await this.#parts.store.add(job, input)
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
  async changed(id: string, signal: AbortSignal): Promise<void> {
    try {
      await once(this.#changes, id, { signal })
    } catch {
      throw signal.reason
    }
  }

  /** Interrupts the running jobs, which resume at the next start. */
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

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { id } = job
    const startedAt = job.startedAt ?? this.#at()
    this.#change(id, { state: 'running', startedAt, attempts: job.attempts + 1 })
    await this.#save(id)
    this.#remember(id)
    const end = await this.#work(job, signal)
    this.#saved.delete(id)
    if (end.state !== 'queued') return await this.#finish(id, end)
    this.#change(id, end)
    await this.#save(id)
  }

  /** Does the work. @returns the state in which it ends, and what comes with that. */
  async #work({ id, kind: name, attempts }: Job, signal: AbortSignal): Promise<Partial<Job>> {
    try {
      const kind = this.#kinds.get(name)
      if (kind === undefined) {
        const known = [...this.#kinds.keys()].join(', ')
        throw new AppError('JOB_INTERRUPTED', `expected a job of ${known}, got ${shown(name)}`)
      }
      if (attempts >= MAX_ATTEMPTS) {
        throw new AppError('JOB_INTERRUPTED', `given up after ${attempts} starts without progress`)
      }
      const input = await this.#parts.store.input(id)
      await kind.run(this.#view(id, input, signal))
      return { state: 'succeeded' }
    } catch (cause) {
      if (!signal.aborted) {
        this.#parts.onFailed(this.job(id), cause)
        return { state: 'failed', error: errorOf(cause) }
      }
      if ((signal.reason as AppError).code === 'CANCELLED') return { state: 'cancelled' }
      // A stop in order is no attempt that failed. What was counted since the checkpoint is done again.
      return { ...this.#saved.get(id), state: 'queued', attempts: 0 }
    }
  }

  async #finish(id: string, end: Partial<Job>): Promise<void> {
    this.#change(id, { ...end, finishedAt: this.#at() })
    this.tally.count(this.job(id))
    await this.#save(id)
    const kind = this.#kinds.get(this.job(id).kind)
    await kind?.discard?.(await this.#parts.store.input(id))
    const finished = [...this.#jobs.values()].filter(isFinished)
    for (const old of finished.slice(0, Math.max(0, finished.length - MAX_FINISHED_KEPT))) {
      this.#jobs.delete(old.id)
      await this.#parts.store.forget(old.id)
    }
  }

  #view(id: string, input: unknown, signal: AbortSignal): JobRun {
    const { collection, checkpoint, details } = this.job(id)
    const progress = (changes: Partial<Job['progress']>) =>
      this.#change(id, { progress: { ...this.job(id).progress, ...changes } })
    return {
      collection,
      input,
      checkpoint,
      details,
      signal,
      expect: (total) => progress({ total }),
      count: (outcome) => this.#change(id, withCount(this.job(id), outcome)),
      at: (done, total) => progress({ done, total }),
      report: (details) => this.#change(id, { details }),
      refuse: (item, error) => {
        if (!isRefusal(error)) throw error
        this.#change(id, withFailure(withCount(this.job(id), 'refused'), item, error))
      },
      save: async (next) => {
        this.#change(id, { checkpoint: next, attempts: 0 })
        await this.#save(id)
        this.#remember(id)
      },
      retry: (call) => retry(call, this.#parts.wait, signal),
    }
  }

  #remember(id: string): void {
    const { progress, failures, failuresOmitted, details } = this.job(id)
    this.#saved.set(id, { progress, failures, failuresOmitted, details })
  }

  #change(id: string, changes: Partial<Job>): void {
    const job = this.job(id)
    this.#jobs.set(id, { ...job, ...changes, version: job.version + 1 })
    this.#changes.emit(id)
  }

  async #save(id: string): Promise<void> {
    await retry(() => this.#parts.store.save(this.job(id)), this.#parts.wait, NEVER)
  }

  #at(): string {
    return this.#parts.now().toISOString()
  }
}

/** Jobs of one lane run one after the other. No collection has a name with a space. */
function laneOf({ kind, collection }: Job): string {
  return collection ?? `kind ${kind}`
}
