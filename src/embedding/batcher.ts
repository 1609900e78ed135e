import { AppError } from '../errors.ts'
import { Lanes } from '../scheduling/lanes.ts'
import type { EmbedOptions } from './embedder.ts'

export interface BatcherOptions {
  /** Items of one batch at most. */
  readonly maxBatch: number
  /** Items of each priority that may wait for a batch; one more is refused. */
  readonly maxWaiting: number
}

const BATCHER_DEFAULTS: BatcherOptions = { maxBatch: 8, maxWaiting: 256 }

/** What became of one item of a batch. */
export type Outcome<Out> =
  | { readonly kind: 'done'; readonly value: Out }
  | { readonly kind: 'failed'; readonly error: Error }

interface Waiting<In, Out> {
  readonly item: In
  settle(outcome: Outcome<Out>): void
}

/**
 * Joins single calls into batches for a runner that does one batch at a time. A batch starts as soon as the runner is
 * free, with all of one priority that wait by then: the busier it is, the fuller they are, and a single call waits for nobody.
 */
export class Batcher<In, Out> {
  readonly #run: (items: readonly In[]) => Promise<readonly Outcome<Out>[]>
  readonly #options: BatcherOptions
  readonly #waiting: Lanes<Waiting<In, Out>>
  #running: Promise<void> | null = null
  #state: 'open' | 'closed' = 'open'

  /**
   * @param run does one batch: an outcome for each item, in order. Where it rejects, every item of
   * the batch does.
   */
  constructor(
    run: (items: readonly In[]) => Promise<readonly Outcome<Out>[]>,
    options: Partial<BatcherOptions> = {},
  ) {
    this.#run = run
    this.#options = { ...BATCHER_DEFAULTS, ...options }
    for (const [name, least] of [
      ['maxBatch', 1],
      ['maxWaiting', 1],
    ] as const) {
      const value = this.#options[name]
      if (!Number.isInteger(value) || value < least) {
        throw new RangeError(`expected ${name} to be an integer of at least ${least}, got ${value}`)
      }
    }
    this.#waiting = new Lanes(this.#options.maxWaiting)
  }

  /** Items that wait, those in a running batch left out. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * @throws QUEUE_FULL at once, SHUTTING_DOWN after `close`, CANCELLED when `signal` aborts (an
   * item that waits then frees its place), and what the runner says of this item.
   */
  submit(item: In, { priority = 'search', signal }: EmbedOptions = {}): Promise<Out> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'closed') throw shuttingDown()
      if (signal?.aborted) throw cancelled(signal)
      const { maxWaiting } = this.#options
      if (this.#waiting.isFull(priority)) {
        throw new AppError(
          'QUEUE_FULL',
          `expected at most ${maxWaiting} images waiting, got more`,
          {
            retryAfterSeconds: 1,
          },
        )
      }
      const abort = () => {
        this.#waiting.delete(entry, priority)
        entry.settle({ kind: 'failed', error: cancelled(signal) })
      }
      const entry: Waiting<In, Out> = {
        item,
        settle(outcome) {
          signal?.removeEventListener('abort', abort)
          if (outcome.kind === 'done') resolve(outcome.value)
          else reject(outcome.error)
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(entry, priority)
      this.#running ??= this.#runAll()
    })
  }

  /** Rejects what waits, and resolves once the running batch is done. */
  async close(): Promise<void> {
    this.#state = 'closed'
    for (let entry = this.#waiting.take(); entry !== undefined; entry = this.#waiting.take()) {
      entry.settle({ kind: 'failed', error: shuttingDown() })
    }
    await this.#running
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.#do(this.#waiting.takeAlike(this.#options.maxBatch))
    }
    this.#running = null
  }

  async #do(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outcomes = await this.#run(batch.map(({ item }) => item))
      if (outcomes.length !== batch.length) {
        throw new Error(`expected ${batch.length} outcomes of a batch, got ${outcomes.length}`)
      }
      for (const [i, entry] of batch.entries()) entry.settle(outcomes[i]!)
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      for (const entry of batch) entry.settle({ kind: 'failed', error })
    }
  }
}

function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'the model is being closed and takes no more images')
}

function cancelled(signal?: AbortSignal): AppError {
  return new AppError('CANCELLED', 'the caller gave up waiting for an embedding', {
    cause: signal?.reason,
  })
}
