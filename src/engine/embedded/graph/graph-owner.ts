import { AppError } from '../../../errors.ts'
import type { FoundVersions } from '../../../index/graph/approximate-index.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { admission } from '../../../scheduling/admission.ts'
import type { ArgsOf, ResultOf } from '../../../threads/call-table.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import { memoryClient } from '../search/memory-client.ts'
import type { GraphCalls, GraphQuery } from './graph-thread.ts'

/** Searches in one message: what a message costs is shared, and insertions get their turn soon. */
const MAX_BATCH = 16
/** Messages of searches under way; the thread then always has the next. */
const MAX_RUNNING = 2
/** Milliseconds to end in; one call of the library takes far less. */
const END_WITHIN_MS = 10_000

interface Waiting {
  readonly query: GraphQuery
  readonly resolve: (found: FoundVersions) => void
  readonly reject: (error: unknown) => void
}

// Compiled, the thread's file ends in .js.
const THREAD = new URL('./graph-thread.js', import.meta.url)

/** The one thread that owns the graphs of all collections; started with the first of them. */
export class GraphOwner {
  readonly #thread: ThreadClient<GraphCalls>
  /** For the searches of all collections together. */
  readonly #admit = admission(512, 'searches already wait for a graph')
  #graphs = 0
  #running = 0
  #waiting: Waiting[] = []
  #sending = false

  constructor(memory: BlockMemory, script = THREAD) {
    this.#thread = memoryClient<GraphCalls>('the graph thread', script, memory, {
      // Terminated inside a call of the library, it would abort the whole process (node-addon-api, `napi_throw`).
      end: { after: 'this call', withinMs: END_WITHIN_MS, late: 'terminate' },
      errors: { closed: () => new AppError('SHUTTING_DOWN', 'the graph thread is closed') },
    })
  }

  newGraph(): number {
    return this.#graphs++
  }

  /** @throws THREAD_FAILED, SHUTTING_DOWN. */
  call<Kind extends keyof GraphCalls>(
    kind: Kind,
    args: ArgsOf<GraphCalls, Kind>,
  ): Promise<ResultOf<GraphCalls, Kind>> {
    // Calls are answered in their order: this one may be to drop the graph that is searched.
    while (this.#waiting.length > 0) void this.#run()
    return this.#thread.call(kind, args)
  }

  /** @throws QUEUE_FULL, THREAD_FAILED, SHUTTING_DOWN. */
  search(query: GraphQuery): Promise<FoundVersions> {
    return this.#admit(() => {
      return new Promise((resolve, reject) => {
        this.#waiting.push({ query, resolve, reject })
        this.#sendSoon()
      })
    })
  }

  /**
   * Sends at the end of this turn, for a message costs more than a query. What waits is shared out over the messages that
   * may be under way, so that the thread searches for one half while this one deals with the answers to the other.
   */
  #sendSoon(): void {
    if (this.#sending || this.#running >= MAX_RUNNING) return
    this.#sending = true
    setImmediate(() => {
      this.#sending = false
      for (let free = MAX_RUNNING - this.#running; free > 0 && this.#waiting.length > 0; free--) {
        void this.#run(Math.ceil(this.#waiting.length / free))
      }
    })
  }

  /** Sends some of what waits, as far as one message takes it. */
  async #run(share = MAX_BATCH): Promise<void> {
    const batch = this.#waiting.splice(0, Math.min(share, MAX_BATCH))
    this.#running++
    try {
      const queries = batch.map(({ query }) => query)
      const found = await this.#thread.call('search', queries)
      for (const [i, { resolve }] of batch.entries()) resolve(found[i]!)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#running--
      if (this.#waiting.length > 0) this.#sendSoon()
    }
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}
