import type { Batcher, Runner } from '../../embedding/batcher.ts'
import type { Clock, Timers } from '../../scheduling/timers.ts'
import { freeMemory } from '../../threads/free-memory.ts'
import type { Image, ModelSession } from './model-session.ts'
import { areFaster, fastestBatchAtOnce } from './session-trials.ts'

interface Parts {
  readonly batcher: Batcher<Image, Float32Array>
  /** The session that a single image has, on all processors. */
  readonly wide: ModelSession
  /** Opens a session of the same model beside it. */
  readonly open: (threads: number) => Promise<ModelSession>
  /** Makes a runner of batches of up to `maxBatch` images. */
  readonly runnerOf: (session: ModelSession, maxBatch: number) => Runner<Image, Float32Array>
  /** The most images of a batch that the graph takes. */
  readonly maxBatch: number
  readonly imageBytes: number
  /** How many sessions there are to be, and the threads of each. */
  readonly count: number
  readonly threads: number
  readonly clock: Clock
  readonly timers: Timers
  /** Gives the memory of this process, in bytes. */
  readonly memory: () => number
}

/** The images that had to wait for others in a row, after which sessions are opened: opening costs as much as some dozen images. */
const MANY_WAITED = 64
/** The milliseconds after which images that had to wait are not in a row any more, and without such images the sessions are closed. */
const QUIET_MS = 60_000
/** How many times as many images have to wait before sessions are tried again that were no faster, or failed. */
const NEXT_TRY = 8
/** The most images of one batch of such a session. */
export const MOST_A_BATCH = 8

/** The memory that a session takes, by the bytes of its model: weights twice, as they are and packed, and room for a batch. */
function sessionBytes(modelBytes: number): number {
  return 2.5 * modelBytes + 32 * 2 ** 20
}

/**
 * Plans sessions side by side: one a processor, as far as all of them fit in a gibibyte. Then each has more threads.
 * @returns null where there would be only one.
 */
export function planSessions(
  processors: number,
  modelBytes: number,
): { readonly count: number; readonly threads: number } | null {
  const count = Math.min(processors, Math.floor(2 ** 30 / sessionBytes(modelBytes)))
  return count < 2 ? null : { count, threads: Math.floor(processors / count) }
}

/** Has a runner free pixels only when its batch is done: the wide session needs them where it fails. */
function freesPixelsAfter(runner: Runner<Image, Float32Array>): Runner<Image, Float32Array> {
  const { run, maxBatch } = runner
  return {
    maxBatch,
    async run(images) {
      const vectors = await run(images.map(({ pixels }) => ({ pixels, isGiven: false })))
      for (const { pixels, isGiven } of images) if (isGiven) freeMemory(pixels)
      return vectors
    },
  }
}

/**
 * Runs a model in several sessions while many images wait. One thread a session wastes nothing on waiting for others, so
 * that they embed more images a second together than one session on all processors, which answers a single image sooner.
 *
 * Nothing is opened before many images have waited. Then they are tried against each other, and stay only where they are
 * faster and give the same bits: an image has one vector. After a minute in which none waited they are closed, and so are
 * all of them when one fails: the wide one does its image again.
 */
export class SessionsSideBySide {
  readonly #parts: Parts
  #waited = 0
  #lastWaited = Number.NEGATIVE_INFINITY
  #sessions: readonly ModelSession[] = []
  /** Those that were closed while their threads did not end. */
  #leftBehind: readonly ModelSession[] = []
  #change: Promise<void> = Promise.resolve()
  #isChanging = false
  #wanted = MANY_WAITED
  #bytesEach = 0
  #timer: unknown = null
  readonly #closing = new AbortController()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The sessions that are open beside the wide one. */
  get open(): number {
    return this.#sessions.length
  }

  /** About the bytes by which the process grew for one of them, its thread included; 0 before the first was opened. */
  get bytesEach(): number {
    return this.#bytesEach
  }

  get isSilent(): boolean {
    return [...this.#sessions, ...this.#leftBehind].some(({ isSilent }) => isSilent)
  }

  /** Is told of each image that waits for others. */
  imageWaits(): void {
    const { clock } = this.#parts
    const now = clock()
    if (now - this.#lastWaited > QUIET_MS) this.#waited = 0
    this.#lastWaited = now
    // A thread that was left behind holds its memory until it ends.
    if (++this.#waited < this.#wanted || this.#sessions.length > 0 || this.isSilent) return
    this.#begin(() => this.#open())
  }

  /** Ends the sessions, once the batcher is closed. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#parts.timers.clear(this.#timer)
    await this.#change
    await this.#closeAll()
  }

  /** Begins a change unless one is going on. Where it fails the sessions are closed. */
  #begin(change: () => Promise<void>): void {
    if (this.#isChanging || this.#closing.signal.aborted) return
    this.#isChanging = true
    this.#change = change()
      .catch(async () => {
        // One session answers as before: a machine without memory for more needs no error.
        this.#tryLater()
        await this.#closeAll()
      })
      .finally(() => {
        this.#isChanging = false
      })
  }

  async #open(): Promise<void> {
    const { count, threads, open, memory, batcher, runnerOf, maxBatch, wide } = this.#parts
    const before = memory()
    while (this.#sessions.length < count && !this.#closing.signal.aborted) {
      this.#sessions = [...this.#sessions, await open(threads)]
    }
    if (this.#closing.signal.aborted) return
    const trial = { ...this.#parts, signal: this.#closing.signal }
    if (await areFaster(this.#sessions, trial)) {
      const batch = await fastestBatchAtOnce(this.#sessions, maxBatch, trial)
      const runners = this.#sessions.map((session) => freesPixelsAfter(runnerOf(session, batch)))
      this.#bytesEach = Math.max(0, Math.round((memory() - before) / count))
      if (this.#closing.signal.aborted) return
      batcher.join(runners, () => this.#oneFailed())
      this.#closeWhenQuiet()
      return
    }
    this.#tryLater()
    await this.#closeAll()
    batcher.resize(await batcher.alone(() => wide.calibrate()))
  }

  #tryLater(): void {
    this.#waited = 0
    this.#wanted *= NEXT_TRY
  }

  /** Sends all away: what ended the thread of one may end the others, and the wide one answers alone. */
  #oneFailed(): void {
    // One may fail while the change that had it join still ends.
    void this.#change.then(() => {
      if (this.#sessions.length === 0) return
      this.#begin(async () => {
        this.#tryLater()
        await this.#sendAway()
      })
    })
  }

  #closeWhenQuiet(): void {
    const { timers, clock } = this.#parts
    const due = () => {
      const left = this.#lastWaited + QUIET_MS - clock()
      if (left > 0) this.#timer = timers.set(due, left)
      else this.#begin(() => this.#sendAway())
    }
    this.#timer = timers.set(due, QUIET_MS)
  }

  async #sendAway(): Promise<void> {
    this.#parts.timers.clear(this.#timer)
    await this.#parts.batcher.leave()
    await this.#closeAll()
  }

  async #closeAll(): Promise<void> {
    const sessions = this.#sessions
    await Promise.all(sessions.map((session) => session.close()))
    this.#sessions = []
    this.#leftBehind = [...this.#leftBehind, ...sessions].filter(({ isSilent }) => isSilent)
  }
}
