import { AppError } from '../../../errors.ts'
import type { JoinSlice, JoinTask } from '../../../index/join/join-task.ts'
import type { RankSlice, RankTask } from '../../../index/join/rank-task.ts'
import { oneAtATime } from '../../../scheduling/one-at-a-time.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import type { SearchCalls, SearchNotices } from '../search/search-thread.ts'

/** Joins of all collections under way at a time: each keeps rows from being used again. */
const MAX_UNDER_WAY = 8

interface Lane {
  readonly thread: ThreadClient<SearchCalls, SearchNotices>
  readonly inTurn: ReturnType<typeof oneAtATime>
}

/**
 * The search threads, as joins use them: each has one slice of all joins together at a time, and the next waits here, so that a
 * search waits for one at most.
 */
export class PairThreads {
  readonly #lanes: readonly Lane[]
  #underWay = 0

  constructor(threads: readonly ThreadClient<SearchCalls, SearchNotices>[]) {
    this.#lanes = threads.map((thread) => {
      return { thread, inTurn: oneAtATime(MAX_UNDER_WAY, 'slices of joins already wait') }
    })
  }

  /** The number of slices to have under way at once. */
  get lanes(): number {
    return this.#lanes.length
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
    const { thread, inTurn } = this.#lanes[lane]!
    return inTurn(() => thread.call('join', task, { signal }))
  }

  /** Counts the ranks of a slice in the thread of a lane. @throws as `join`. */
  ranks(lane: number, task: RankTask, signal: AbortSignal): Promise<RankSlice> {
    const { thread, inTurn } = this.#lanes[lane]!
    return inTurn(() => thread.call('ranks', task, { signal }))
  }
}
