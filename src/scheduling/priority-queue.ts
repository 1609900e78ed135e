import { AppError } from '../errors.ts'

/** Somebody waits for a search; few notice one image of many that are stored. */
export type Priority = 'search' | 'bulk'

/** The searches that may pass while bulk work waits; then one piece of that has its turn. */
export const SEARCHES_IN_A_ROW = 7

interface QueueOptions {
  /** The number of items of each priority that may wait; one more is refused. */
  readonly room: number
  /** The words of messages for the items ("images waiting to be decoded"), and for their aim ("a decoded image"). */
  readonly what: string
  readonly wanted: string
}

interface TakeOptions<Item> {
  readonly most?: number
  readonly searchesOnly?: boolean
  readonly fits?: (item: Item) => boolean
}

/** An item in the queue. Whoever takes it settles it, or puts it back. */
export interface Waiting<Item, Result> {
  readonly item: Item
  readonly priority: Priority
  /** Whether its caller has given up. */
  readonly isCancelled: boolean
  resolve(result: Result): void
  reject(error: Error): void
}

/**
 * Holds what waits, in order of arrival, searches before bulk work. Each priority has its own room, so that a load cannot
 * fill the places of searches; and bulk work gets one turn in eight, so that searches cannot stop a load.
 */
export class PriorityQueue<Item, Result> {
  readonly #options: QueueOptions
  readonly #lanes: Record<Priority, Set<Waiting<Item, Result>>> = {
    search: new Set(),
    bulk: new Set(),
  }
  #searchesInARow = 0

  constructor(options: QueueOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#lanes.search.size + this.#lanes.bulk.size
  }

  /**
   * Resolves or rejects as whoever takes the item settles it.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts before it is settled. An item that waits then frees its place.
   */
  enter(item: Item, priority: Priority, signal?: AbortSignal): Promise<Result> {
    const { room, what, wanted } = this.#options
    const lane = this.#lanes[priority]
    const cancelled = () =>
      new AppError('CANCELLED', `the caller gave up waiting for ${wanted}`, {
        cause: signal?.reason,
      })
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled()
      if (lane.size >= room) {
        throw new AppError('QUEUE_FULL', `expected at most ${room} ${what}, got more`, {
          retryAfterSeconds: 1,
        })
      }
      const abort = () => {
        lane.delete(waiting)
        reject(cancelled())
      }
      const waiting: Waiting<Item, Result> = {
        item,
        priority,
        get isCancelled() {
          return signal?.aborted === true
        },
        resolve(result) {
          signal?.removeEventListener('abort', abort)
          resolve(result)
        },
        reject(error) {
          signal?.removeEventListener('abort', abort)
          reject(error)
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      lane.add(waiting)
    })
  }

  /**
   * Takes items of the priority whose turn it is, up to `most`: a batch of searches waits for no bulk work in it.
   * @param options.fits whether an item can be taken now; one that does not holds up those behind it.
   */
  take({ most = 1, searchesOnly = false, fits }: TakeOptions<Item> = {}): Waiting<Item, Result>[] {
    const priority = searchesOnly ? 'search' : this.#turn()
    const lane = this.#lanes[priority]
    const taken: Waiting<Item, Result>[] = []
    for (const next of lane) {
      if (taken.length === most || fits?.(next.item) === false) break
      taken.push(next)
      lane.delete(next)
    }
    if (taken.length > 0) this.#searchesInARow = priority === 'bulk' ? 0 : this.#searchesInARow + 1
    return taken
  }

  /** Puts items of one priority that were taken back before all others of it. They have had their room already. */
  putBack(taken: readonly Waiting<Item, Result>[]): void {
    const [first] = taken
    if (first === undefined) return
    const lane = this.#lanes[first.priority]
    const behind = [...lane]
    lane.clear()
    for (const waiting of taken) if (!waiting.isCancelled) lane.add(waiting)
    for (const waiting of behind) lane.add(waiting)
  }

  #turn(): Priority {
    const { search, bulk } = this.#lanes
    if (bulk.size === 0) return 'search'
    return search.size === 0 || this.#searchesInARow >= SEARCHES_IN_A_ROW ? 'bulk' : 'search'
  }
}
