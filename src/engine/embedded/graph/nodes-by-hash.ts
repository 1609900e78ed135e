import { RowTable } from '../rows/row-table.ts'

/** Finds the nodes of a graph by a hash of their vectors, at about 18 bytes a node. */
export class NodesByHash {
  /** The hash and the label of each node, in the order in which they came. */
  #hashes = new Uint32Array(64)
  #labels = new Float64Array(64)
  #count = 0
  readonly #table = new RowTable((place) => this.#hashes[place]!)

  /** Gives the label of the node of this hash that `isWanted`; it is asked for nodes of this hash alone. */
  find(hash: number, isWanted: (label: number) => boolean): number | undefined {
    const place = this.#place(hash, isWanted)
    return place === undefined ? undefined : this.#labels[place]
  }

  add(label: number, hash: number): void {
    const place = this.#count++
    if (place === this.#labels.length) this.#grow(place * 2)
    this.#hashes[place] = hash
    this.#labels[place] = label
    this.#table.add(place)
  }

  delete(label: number, hash: number): void {
    const place = this.#place(hash, (other) => other === label)
    if (place !== undefined) this.#table.delete(place)
  }

  #place(hash: number, isWanted: (label: number) => boolean): number | undefined {
    return this.#table.find(hash, (place) => {
      return this.#hashes[place] === hash && isWanted(this.#labels[place]!)
    })
  }

  #grow(places: number): void {
    const hashes = new Uint32Array(places)
    const labels = new Float64Array(places)
    hashes.set(this.#hashes)
    labels.set(this.#labels)
    this.#hashes = hashes
    this.#labels = labels
  }
}

/** The bits of -0, which is equal to 0. */
const MINUS_ZERO = -0x80000000

/** Hashes the numbers of a vector to 32 bits: equal vectors have equal hashes. */
export function hashOfVector(vector: Float32Array): number {
  const bits = new Int32Array(vector.buffer, vector.byteOffset, vector.length)
  let sum = 0x811c9dc5
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] === MINUS_ZERO ? 0 : bits[i]!
    sum = Math.imul(sum ^ word, 0x01000193)
    // The last bits of a float are often 0: what is above has to come down.
    sum ^= sum >>> 15
  }
  return Math.imul(sum, 0x9e3779b1) >>> 0
}
