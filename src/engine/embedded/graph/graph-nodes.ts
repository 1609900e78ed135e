import { DamagedFile } from '../../../files/durable-files.ts'
import type { FoundVersions } from '../../../index/graph/approximate-index.ts'
import { Hnsw } from './hnsw.ts'
import { hashOfVector, NodesByHash } from './nodes-by-hash.ts'

/**
 * One graph whose nodes have distinct vectors: versions of equal vectors share a node. A graph with a node for each would
 * come apart: equal nodes fill their links with each other, and nothing leads out of them (hnswlib issue 263, qdrant 1788).
 *
 * The label of a node is the key of the version that it was made for, also after that has ended while others share it.
 */
export class GraphNodes {
  readonly hnsw: Hnsw
  readonly #byHash = new NodesByHash()
  /** The versions of each node that has, or had, another than the one of its label. */
  readonly #shared = new Map<number, Set<number>>()
  /** The nodes of versions that are not the label of theirs. */
  readonly #labels = new Map<number, number>()

  private constructor(hnsw: Hnsw) {
    this.hnsw = hnsw
  }

  static empty(dimensions: number): GraphNodes {
    return new GraphNodes(Hnsw.empty(dimensions))
  }

  /**
   * Takes a graph as it was read, in which only the versions of the labels are known: those that share a node have to
   * `join` it. @param nodes the labels that are not marked as deleted, with the hashes of their vectors.
   * @throws DamagedFile where two of them have equal vectors, as in files of earlier versions.
   */
  static read(hnsw: Hnsw, nodes: Iterable<readonly [label: number, hash: number]>): GraphNodes {
    const graph = new GraphNodes(hnsw)
    for (const [label, hash] of nodes) {
      const equal = graph.#byHash.find(hash, (other) => graph.#isAt(other, hnsw.vector(label)))
      if (equal !== undefined) {
        throw new DamagedFile(`its nodes ${equal} and ${label} have equal vectors`)
      }
      graph.#byHash.add(label, hash)
    }
    return graph
  }

  add(key: number, vector: Float32Array): void {
    const hash = hashOfVector(vector)
    if (this.join(key, vector, hash)) return
    this.hnsw.add(key, vector)
    this.#byHash.add(key, hash)
  }

  /** Adds a version to the node that has its vector; returns false where there is none. */
  join(key: number, vector: Float32Array, hash = hashOfVector(vector)): boolean {
    const label = this.#byHash.find(hash, (node) => this.#isAt(node, vector))
    if (label === undefined) return false
    const versions = this.#shared.get(label)
    if (versions === undefined) this.#shared.set(label, new Set([label, key]))
    else versions.add(key)
    this.#labels.set(key, label)
    return true
  }

  /** Takes the version of a label out of its node, which stays for those that will `join` it, until `removeEmpty`. */
  vacate(label: number): void {
    this.#shared.set(label, new Set())
  }

  /** Removes the nodes that no version is left in; returns their number. */
  removeEmpty(): number {
    let removed = 0
    for (const [label, versions] of this.#shared) {
      if (versions.size > 0) continue
      this.#end(label)
      removed++
    }
    return removed
  }

  /** Tells whether versions share the node of a label that was vacated. */
  isShared(label: number): boolean {
    return this.#shared.has(label)
  }

  /** Removes a version; returns the label of its node where that is gone with it, null where others share it. */
  remove(key: number): number | null {
    const label = this.#labels.get(key) ?? key
    this.#labels.delete(key)
    const versions = this.#shared.get(label)
    versions?.delete(key)
    if (versions !== undefined && versions.size > 0) return null
    this.#end(label)
    return label
  }

  /** Finds the nearest nodes, the nearest first, until they have `wanted` versions. */
  search(vector: Float32Array, wanted: number, ef: number): FoundVersions {
    const labels = this.hnsw.search(vector, wanted, ef)
    if (this.#shared.size === 0) return { keys: labels, ends: null }
    const keys: number[] = []
    const ends: number[] = []
    for (const label of labels) {
      const versions = this.#shared.get(label)
      if (versions === undefined) keys.push(label)
      else for (const key of versions) keys.push(key)
      ends.push(keys.length)
      if (keys.length >= wanted) break
    }
    return { keys: Float64Array.from(keys), ends: Uint32Array.from(ends) }
  }

  #end(label: number): void {
    this.#byHash.delete(label, hashOfVector(this.hnsw.vector(label)))
    this.#shared.delete(label)
    this.hnsw.remove(label)
  }

  #isAt(label: number, vector: Float32Array): boolean {
    const node = this.hnsw.vector(label)
    for (let i = 0; i < node.length; i++) if (node[i] !== vector[i]) return false
    return true
  }
}
