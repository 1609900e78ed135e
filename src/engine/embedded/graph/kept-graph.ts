import { messageOf } from '../../../errors.ts'
import type { VersionedRows } from '../../../index/graph/approximate-index.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { EndedInFile } from './ended-in-file.ts'
import { removeGraph } from './graph-folder.ts'
import type { GraphOwner } from './graph-owner.ts'
import type { GraphRows } from './graph-rows.ts'

interface Parts {
  readonly owner: GraphOwner
  readonly rows: VectorRows
  /** Where the file is, for the next start. */
  readonly place: CachePlace
  readonly notice: (notice: GraphNotice) => void
  /** Is called when something is to be erased from the file. */
  readonly whenDue: () => void
}

export interface GraphNotice {
  readonly collection: number
  readonly file: 'not used' | 'not written'
  readonly reason: string
}

/**
 * The file of the graph of one collection. A version that has ended is erased from it by the label of its node, which may
 * be another version of an equal vector: only the graph that the file was made of, or that was made of the file, knows
 * that label. Where there is no such graph any more the file is removed.
 */
export class KeptGraph {
  readonly #parts: Parts
  readonly #ended: EndedInFile
  #wasTried = false
  /** The graph whose labels the file has. */
  #of: GraphRows | null = null
  #isLost = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#ended = new EndedInFile({ whenDue: parts.whenDue })
  }

  /** Whether a file of an earlier start was read, or removed. */
  get wasTried(): boolean {
    return this.#wasTried
  }

  /** Reads the file into a graph; returns whether that was done. The rows are pinned meanwhile. */
  async load(graph: GraphRows, slots: VersionedRows['slots']): Promise<boolean> {
    this.#wasTried = true
    const { owner, rows, place } = this.#parts
    const loading = graph.beginAdding(Number.POSITIVE_INFINITY, slots)
    const { numbers, keys } = loading
    const args = { graph: graph.graph, place, rows: rows.view(), numbers, keys }
    const result = await owner.call('load', args)
    if (result.kind === 'refused') this.#notice('not used', result.reason)
    if (result.kind !== 'loaded') return false
    graph.loaded(loading, result)
    this.#of = graph
    this.#ended.hasFile(result.ended)
    return true
  }

  /** Answers need no file: where it cannot be written, that is tried again after more changes. */
  async save(graph: GraphRows): Promise<void> {
    const { owner, place } = this.#parts
    graph.wasSaved()
    // Versions that end while it is written are erased afterwards.
    this.#ended.hasFile()
    const reason = await owner.call('save', { graph: graph.graph, place })
    if (reason === null) {
      this.#of = graph
      return
    }
    this.#notice('not written', reason)
    if (this.#of !== graph) this.lost()
  }

  /** To be called with the labels of the nodes that are gone from a graph that answers. */
  ended(graph: GraphRows, labels: Float64Array): void {
    if (labels.length === 0) return
    if (this.#of !== graph) this.lost()
    for (const label of labels) this.#ended.ended(label)
  }

  /** To be called when the graph that knows the labels of the file is there no more. */
  lost(): void {
    // A file of an earlier start is compared with the truth when it is read.
    this.#isLost = this.#wasTried
  }

  /** Begins what has to be done to a file that holds what has ended; null when there is nothing. */
  due(atOnce: boolean): Promise<void> | null {
    if (this.#isLost) return this.remove()
    const { isDue, count } = this.#ended
    return isDue || (atOnce && count > 0) ? this.#erase() : null
  }

  /** Removes the file where there is one. What cannot be removed now is left to the next start. */
  async remove(): Promise<void> {
    this.#wasTried = true
    this.#isLost = false
    this.#of = null
    this.#ended.hasNoFile()
    try {
      await removeGraph(this.#parts.place)
    } catch (error) {
      this.#notice('not used', messageOf(error))
    }
  }

  /** A file that cannot be changed is dropped: the graph stays, and is written again after more changes. */
  async #erase(): Promise<void> {
    const { owner, rows, place } = this.#parts
    const { dimensions } = rows.layout
    await this.#ended.erase(async (labels) => {
      const reason = await owner.call('erase', { place, dimensions, labels })
      if (reason === null) return
      this.#ended.hasNoFile()
      this.#notice('not used', reason)
    })
  }

  #notice(file: GraphNotice['file'], reason: string): void {
    this.#parts.notice({ collection: this.#parts.place.collection, file, reason })
  }
}
