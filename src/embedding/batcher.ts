import { AppError } from '../errors.ts'
import { PriorityQueue, type Waiting } from '../scheduling/priority-queue.ts'
import type { EmbedOptions } from './embedder.ts'

/** The items of each priority that may wait for a batch; one more is refused. */
const MAX_WAITING = 256

/** Does one batch. @returns a result, or an error, for each item, in order. */
type RunBatch<In, Out> = (items: readonly In[]) => Promise<readonly (Out | Error)[]>

/** What does batches, one at a time. */
export interface Runner<In, Out> {
  /** Where it rejects, every item of the batch fails, or is done by another runner: see `join`. */
  readonly run: RunBatch<In, Out>
  /** The most items of one batch. */
  readonly maxBatch: number
}

/** A runner, and what it is doing; null while it is free. */
interface Lane<In, Out> {
  readonly run: RunBatch<In, Out>
  maxBatch: number
  busy: Promise<void> | null
}

/**
 * Joins single calls into batches for runners that do one batch at a time. A batch starts as soon as a runner is free, with
 * all of one priority that wait by then: the busier it is, the fuller they are, and a single call waits for nobody.
 * There is one runner at first. Others may join it for a while: then it is kept for searches.
 */
export class Batcher<In, Out> {
  readonly #waiting = new PriorityQueue<In, Out>({
    room: MAX_WAITING,
    what: 'images waiting',
    wanted: 'an embedding',
  })
  readonly #first: Lane<In, Out>
  #others: Lane<In, Out>[] = []
  #otherFails: () => void = () => undefined
  /** Whether the first runner gets no batch for now. */
  #isHeld = false
  #isClosed = false

  constructor(first: Runner<In, Out>) {
    this.#first = laneOf(first)
  }

  /** The number of items that wait, those in a running batch left out. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** The most items of a batch of the first runner. */
  get maxBatch(): number {
    return this.#first.maxBatch
  }

  /**
   * @throws QUEUE_FULL at once, SHUTTING_DOWN after `close`, CANCELLED when `signal` aborts (an item that waits then
   * frees its place), and the error that the runner gives this item.
   */
  async submit(item: In, { priority = 'search', signal }: EmbedOptions = {}): Promise<Out> {
    if (this.#isClosed) throw shuttingDown()
    const result = this.#waiting.enter(item, priority, signal)
    this.#startAll()
    return await result
  }

  /**
   * Has other runners take what waits beside the first one, which then takes searches alone, and these before them. One that
   * rejects a batch gets no more; the batch goes back to the front of the queue, so that its items must be as they were.
   * @param otherFails called when that happens.
   */
  join(others: readonly Runner<In, Out>[], otherFails: () => void): void {
    this.#others.push(...others.map(laneOf))
    this.#otherFails = otherFails
    this.#startAll()
  }

  /** Sends the others away; the first runner takes all again. Resolves once their batches are done, or back in the queue. */
  async leave(): Promise<void> {
    const left = this.#others
    this.#others = []
    this.#startAll()
    await Promise.all(left.map(({ busy }) => busy))
  }

  /** Does something while the first runner has no batch; one at a time. What waits for it goes on afterwards. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#isHeld = true
    try {
      await this.#first.busy
      return await work()
    } finally {
      this.#isHeld = false
      this.#startAll()
    }
  }

  /** Has the first runner do batches of another size from now on. */
  resize(maxBatch: number): void {
    this.#first.maxBatch = checkedSize(maxBatch)
  }

  /** Rejects what waits, and resolves once the running batches are done. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#waiting.size > 0) {
      for (const waiting of this.#waiting.take()) waiting.reject(shuttingDown())
    }
    await Promise.all([this.#first, ...this.#others].map(({ busy }) => busy))
  }

  /** Gives every free runner a batch of what waits. */
  #startAll(): void {
    // What waits is for all that joined: one that takes it whole would leave the others nothing.
    const share = Math.ceil(this.#waiting.size / this.#others.length)
    for (const lane of [this.#first, ...this.#others]) {
      if (this.#waiting.size === 0) return
      const isFirst = lane === this.#first
      if (lane.busy !== null || (isFirst && this.#isHeld)) continue
      const searchesOnly = isFirst && this.#others.length > 0
      const most = isFirst ? lane.maxBatch : Math.min(lane.maxBatch, share)
      const batch = this.#waiting.take({ most, searchesOnly })
      if (batch.length > 0) this.#occupy(lane, this.#do(lane, batch))
    }
  }

  async #do(lane: Lane<In, Out>, batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      await doBatch(lane.run, batch)
    } catch (cause) {
      if (lane === this.#first || this.#isClosed) {
        const error = cause instanceof Error ? cause : new Error(String(cause))
        for (const waiting of batch) waiting.reject(error)
        return
      }
      this.#others = this.#others.filter((other) => other !== lane)
      this.#waiting.putBack(batch)
      this.#otherFails()
    }
  }

  #occupy(lane: Lane<In, Out>, work: Promise<void>): void {
    lane.busy = work.then(() => {
      lane.busy = null
      this.#startAll()
    })
  }
}

function laneOf<In, Out>({ run, maxBatch }: Runner<In, Out>): Lane<In, Out> {
  return { run, maxBatch: checkedSize(maxBatch), busy: null }
}

function checkedSize(maxBatch: number): number {
  if (Number.isInteger(maxBatch) && maxBatch >= 1) return maxBatch
  throw new RangeError(`expected maxBatch to be an integer of at least 1, got ${maxBatch}`)
}

/** @throws what the runner rejects with: then no item is settled. */
async function doBatch<In, Out>(
  run: RunBatch<In, Out>,
  batch: readonly Waiting<In, Out>[],
): Promise<void> {
  const outcomes = await run(batch.map(({ item }) => item))
  if (outcomes.length !== batch.length) {
    throw new Error(`expected ${batch.length} outcomes of a batch, got ${outcomes.length}`)
  }
  for (const [i, waiting] of batch.entries()) {
    const outcome = outcomes[i]!
    if (outcome instanceof Error) waiting.reject(outcome)
    else waiting.resolve(outcome)
  }
}

function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'the model is being closed and takes no more images')
}
