import { AppError } from '../../../errors.ts'
import type { RowIndex } from '../../../index/row-index.ts'
import type { RowCoder } from '../../../index/scan/cascade/coded-rows.ts'
import type { RowCoding } from '../../../index/scan/cascade/row-coding.ts'
import { RowSquares } from '../../../index/scan/row-squares.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import type { StoredRows } from '../../../kernels/stored-rows.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CoderCalls, CoderData } from '../coding/coder-thread.ts'
import type { SetCalls } from '../identities/set-thread.ts'
import { ThreadedSets } from '../identities/threaded-sets.ts'
import type { HostedTrees } from '../trees/hosted-trees.ts'
import { ThreadedTrees, type TreeBuilder } from '../trees/threaded-trees.ts'
import { memoryClient } from './memory-client.ts'
import type { SearchCalls, SearchNotices, SearchThreadData } from './search-thread.ts'
import { ThreadedIndex } from './threaded-index.ts'

interface Options {
  readonly memory: BlockMemory
  /** The compiled kernels. */
  readonly module: WebAssembly.Module
  /** 1 to 63. */
  readonly threads: number
  /** Searches that may be under way or wait at once, of all collections together. */
  readonly maxQueued?: number
  /** Components to read (`componentsRead`) from which on a search is split between the threads. */
  readonly splitAbove?: number
}

type TreeFiles = Pick<ConstructorParameters<typeof ThreadedTrees>[0], 'place' | 'notice'>

const NO_FILES: TreeFiles = { place: null, notice() {} }
const DEFAULTS = { maxQueued: 512, splitAbove: 2_000_000 } as const

/** Threads that search shared memory, one that writes codes into it, one for metric trees and one for sets of rows. */
export class SearchThreads {
  readonly coder: RowCoder
  readonly #options: Required<Options>
  readonly #threads: readonly ThreadClient<SearchCalls, SearchNotices>[]
  readonly #coderThread: ThreadClient<CoderCalls>
  readonly #treeBuilder: TreeBuilder
  readonly #setThread: ThreadClient<SetCalls>
  readonly #squares: RowSquares
  #searches = 0
  #indexes = 0
  #sets = 0

  constructor(options: Options) {
    this.#options = { ...DEFAULTS, ...options }
    const { memory, module, threads } = this.#options
    this.#squares = new RowSquares(memory, module)
    // Compiled, the threads' files end in .js.
    const script = (path: string) => new URL(path, import.meta.url)
    this.#threads = Array.from({ length: threads }, (_, thread) => {
      const workerData: SearchThreadData = { module, thread }
      return memoryClient<SearchCalls, SearchNotices>(script('./search-thread.js'), memory, {
        start: 'always',
        worker: { workerData },
      })
    })
    const coderData: CoderData = { module }
    const coder = memoryClient<CoderCalls>(script('../coding/coder-thread.js'), memory, {
      start: 'always',
      worker: { workerData: coderData },
    })
    this.#coderThread = coder
    const treeThread = memoryClient<HostedTrees>(script('../trees/tree-thread.js'), memory)
    this.#treeBuilder = { thread: treeThread, isBusy: false, trees: 0 }
    this.#setThread = memoryClient<SetCalls>(script('../identities/set-thread.js'), memory)
    this.coder = {
      learn: (rows, sample, now) => coder.call('learn', { rows, sample, now }),
      write: (rows, target, wanted) => coder.call('write', { rows, target, wanted }),
    }
  }

  /** How large searches are split. */
  get split(): { readonly threads: number; readonly splitAbove: number } {
    const { threads, splitAbove } = this.#options
    return { threads, splitAbove }
  }

  /** `coding` gives the codes of the rows, when there are any. */
  index(rows: VectorRows | StoredRows, space: SpaceKind, coding: RowCoding | null): RowIndex {
    return new ThreadedIndex({
      number: this.#indexes++,
      threads: this.#threads,
      splitAbove: this.#options.splitAbove,
      rows,
      space,
      coding,
      squares: this.#squares,
      admit: (search) => this.#admit(search),
    })
  }

  /** @param files where the trees are from one start to the next. */
  trees(rows: VectorRows, space: SpaceKind, files: TreeFiles = NO_FILES): ThreadedTrees {
    return new ThreadedTrees({
      ...files,
      builder: this.#treeBuilder,
      rows,
      space,
      admit: (search) => this.#admit(search),
    })
  }

  sets(rows: VectorRows, space: SpaceKind): ThreadedSets {
    const newNumber = () => this.#sets++
    return new ThreadedSets({ thread: this.#setThread, newNumber, rows, space })
  }

  async close(): Promise<void> {
    const { thread: treeThread } = this.#treeBuilder
    const all = [...this.#threads, this.#coderThread, treeThread, this.#setThread]
    await Promise.all(all.map((thread) => thread.close()))
  }

  async #admit<T>(search: () => Promise<T>): Promise<T> {
    const { maxQueued } = this.#options
    if (this.#searches >= maxQueued) {
      throw new AppError('QUEUE_FULL', `${maxQueued} searches already wait`, {
        retryAfterSeconds: 1,
      })
    }
    this.#searches++
    try {
      return await search()
    } finally {
      this.#searches--
    }
  }
}
