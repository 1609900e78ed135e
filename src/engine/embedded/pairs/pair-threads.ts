import { AppError } from '../../../errors.ts'
import type { JoinSlice, JoinTask } from '../../../index/join/join-task.ts'
import type { RankSlice, RankTask } from '../../../index/join/rank-task.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import type { SearchCalls, SearchNotices } from '../search/search-thread.ts'

/** Joins of all collections under way at a time: each keeps rows from being used again. */
const MAX_UNDER_WAY = 8

/** The search threads, as joins use them: each has one slice of a join at a time, so that searches wait for one at most. */
export class PairThreads {
  readonly #threads: readonly ThreadClient<SearchCalls, SearchNotices>[]
  #underWay = 0

  constructor(threads: readonly ThreadClient<SearchCalls, SearchNotices>[]) {
    this.#threads = threads
  }

  /** The number of slices to have under way at once. */
  get lanes(): number {
    return this.#threads.length
  }

  /** Takes a place, until the function that it returns is called. @throws QUEUE_FULL. */
  enter(): () => void {
    if (this.#underWay >= MAX_UNDER_WAY) {
      const message = `${MAX_UNDER_WAY} joins are under way already`
      throw new AppError('QUEUE_FULL', message, { retryAfterSeconds: 1 })
    }
    this.#underWay++
    return () => this.#underWay--
  }

  /** Runs a slice of a join in the thread of a lane. @throws the reason of `signal`, once the thread has let go. */
  join(lane: number, task: JoinTask, signal: AbortSignal): Promise<JoinSlice> {
    return this.#threads[lane]!.call('join', task, { signal })
  }

  /** Counts the ranks of a slice in the thread of a lane. @throws as `join`. */
  ranks(lane: number, task: RankTask, signal: AbortSignal): Promise<RankSlice> {
    return this.#threads[lane]!.call('ranks', task, { signal })
  }
}
