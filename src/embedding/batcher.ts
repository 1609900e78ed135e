import { AppError } from '../errors.ts'
import { PriorityQueue, type Waiting } from '../scheduling/priority-queue.ts'
import type { EmbedOptions } from './embedder.ts'

/** The items of each priority that may wait for a batch; one more is refused. */
const MAX_WAITING = 256

/** Does one batch. @returns a result, or an error, for each item, in order. */
type RunBatch<In, Out> = (items: readonly In[]) => Promise<readonly (Out | Error)[]>

/**
 * Joins single calls into batches for a runner that does one batch at a time. A batch starts as soon as the runner is
 * free, with all of one priority that wait by then: the busier it is, the fuller they are, and a single call waits for nobody.
 */
export class Batcher<In, Out> {
  readonly #run: RunBatch<In, Out>
  readonly #maxBatch: number
  readonly #waiting = new PriorityQueue<In, Out>({
    room: MAX_WAITING,
    what: 'images waiting',
    wanted: 'an embedding',
  })
  #running: Promise<void> | null = null
  #isClosed = false

  /** @param run fails every item of the batch where it rejects. */
  constructor(run: RunBatch<In, Out>, maxBatch: number) {
    if (!Number.isInteger(maxBatch) || maxBatch < 1) {
      throw new RangeError(`expected maxBatch to be an integer of at least 1, got ${maxBatch}`)
    }
    this.#run = run
    this.#maxBatch = maxBatch
  }

  /** The number of items that wait, those in a running batch left out. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * @throws QUEUE_FULL at once, SHUTTING_DOWN after `close`, CANCELLED when `signal` aborts (an item that waits then
   * frees its place), and the error that the runner gives this item.
   */
  async submit(item: In, { priority = 'search', signal }: EmbedOptions = {}): Promise<Out> {
    if (this.#isClosed) throw shuttingDown()
    const result = this.#waiting.enter(item, priority, signal)
    if (this.#waiting.size > 0) this.#running ??= this.#runAll()
    return await result
  }

  /** Rejects what waits, and resolves once the running batch is done. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#waiting.size > 0) {
      for (const waiting of this.#waiting.take()) waiting.reject(shuttingDown())
    }
    await this.#running
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.size > 0) await this.#do(this.#waiting.take({ most: this.#maxBatch }))
    this.#running = null
  }

  async #do(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outcomes = await this.#run(batch.map(({ item }) => item))
      if (outcomes.length !== batch.length) {
        throw new Error(`expected ${batch.length} outcomes of a batch, got ${outcomes.length}`)
      }
      for (const [i, waiting] of batch.entries()) {
        const outcome = outcomes[i]!
        if (outcome instanceof Error) waiting.reject(outcome)
        else waiting.resolve(outcome)
      }
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      for (const waiting of batch) waiting.reject(error)
    }
  }
}

function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'the model is being closed and takes no more images')
}
