import type { RowIndex } from '../../../index/row-index.ts'
import type { RowCoder } from '../../../index/scan/cascade/coded-rows.ts'
import type { RowCoding } from '../../../index/scan/cascade/row-coding.ts'
import { RowSquares } from '../../../index/scan/row-squares.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import type { StoredRows } from '../../../kernels/stored-rows.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import { admission } from '../../../scheduling/admission.ts'
import { StopFlags } from '../../../threads/stop-flags.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CoderCalls, CoderData } from '../coding/coder-thread.ts'
import type { SetCalls, SetThread } from '../identities/set-thread.ts'
import type { SelectionCalls } from '../selection/selection-thread.ts'
import type { HostedTrees } from '../trees/hosted-trees.ts'
import { ThreadedTrees, type TreeBuilder } from '../trees/threaded-trees.ts'
import { memoryClient } from './memory-client.ts'
import type { SearchCalls, SearchNotices, SearchThreadData } from './search-thread.ts'
import { ThreadedIndex } from './threaded-index.ts'

interface Options {
  readonly memory: BlockMemory
  readonly module: WebAssembly.Module
  /** 1 to 63. */
  readonly threads: number
  /** Components to read (`componentsRead`) from which on a search is split between the threads. */
  readonly splitAbove?: number
}

type TreeFiles = Pick<ConstructorParameters<typeof ThreadedTrees>[0], 'place' | 'notice'>

/** Selections that may be under way or wait: each takes seconds in a large collection. */
const MAX_SELECTIONS = 32

/** Threads that search shared memory, one that writes codes into it, one for metric trees and one for sets of rows. */
export class SearchThreads {
  readonly coder: RowCoder
  readonly sets: SetThread
  readonly selections: ThreadClient<SelectionCalls>
  /** How large searches are split. */
  readonly split: { readonly threads: number; readonly splitAbove: number }
  readonly #threads: readonly ThreadClient<SearchCalls, SearchNotices>[]
  readonly #coderThread: ThreadClient<CoderCalls>
  readonly #treeBuilder: TreeBuilder
  readonly #squares: RowSquares
  /** For the searches of all collections together. */
  readonly #admit = admission(512, 'searches already wait')
  readonly #stops = new StopFlags()
  #indexes = 0

  constructor({ memory, module, threads, splitAbove = 2_000_000 }: Options) {
    this.split = { threads, splitAbove }
    this.#squares = new RowSquares(memory, module)
    // Compiled, the threads' files end in .js.
    const script = (path: string) => new URL(path, import.meta.url)
    this.#threads = Array.from({ length: threads }, (_, thread) => {
      const workerData: SearchThreadData = { module, thread, stopFlags: this.#stops.words }
      return memoryClient<SearchCalls, SearchNotices>(
        'a search thread',
        script('./search-thread.js'),
        memory,
        {
          start: 'always',
          worker: { workerData },
        },
      )
    })
    const coder = memoryClient<CoderCalls>(
      'the coder thread',
      script('../coding/coder-thread.js'),
      memory,
      {
        start: 'always',
        worker: { workerData: { module } satisfies CoderData },
      },
    )
    this.#coderThread = coder
    this.coder = {
      learn: (...args) => coder.call('learn', args),
      write: (...args) => coder.call('write', args),
    }
    const trees = memoryClient<HostedTrees>(
      'the tree thread',
      script('../trees/tree-thread.js'),
      memory,
    )
    this.#treeBuilder = { thread: trees, isBusy: false, trees: 0 }
    const sets = memoryClient<SetCalls>(
      'the set thread',
      script('../identities/set-thread.js'),
      memory,
    )
    this.sets = { client: sets, sets: 0 }
    this.selections = memoryClient<SelectionCalls>(
      'the selection thread',
      script('../selection/selection-thread.js'),
      memory,
      { maxCalls: MAX_SELECTIONS },
    )
  }

  index(rows: VectorRows | StoredRows, space: SpaceKind, coding: RowCoding | null): RowIndex {
    return new ThreadedIndex({
      number: this.#indexes++,
      threads: this.#threads,
      splitAbove: this.split.splitAbove,
      rows,
      space,
      coding,
      squares: this.#squares,
      admit: this.#admit,
      stops: this.#stops,
    })
  }

  trees(rows: VectorRows, space: SpaceKind, files: TreeFiles): ThreadedTrees {
    const builder = this.#treeBuilder
    return new ThreadedTrees({ ...files, builder, rows, space, admit: this.#admit })
  }

  async close(): Promise<void> {
    const others = [this.#coderThread, this.#treeBuilder.thread, this.sets.client, this.selections]
    await Promise.all([...this.#threads, ...others].map((thread) => thread.close()))
  }
}
