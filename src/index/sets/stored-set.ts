import { hasBit } from '../../vector/bitset.ts'
import type { SpaceKind } from '../../vector/space.ts'
import { templateOf } from '../../vector/template.ts'
import type { SetName } from './row-sets.ts'

/** A set of rows, with copies of their vectors. It never changes: another takes its place. */
export class StoredSet {
  readonly name: SetName
  readonly rows: Uint32Array
  readonly vectors: readonly Float32Array[]
  #template: Float32Array | null = null

  constructor(name: SetName, rows: Uint32Array, vectors: readonly Float32Array[]) {
    this.name = name
    this.rows = rows
    this.vectors = vectors
  }

  /** Gives its robust centre, which is made when it is first wanted. */
  template(space: SpaceKind): Float32Array {
    this.#template ??= templateOf(this.vectors, space)
    return this.#template
  }

  /** Gives the set but for some rows; null when nothing is left. */
  without(rows: Uint32Array): StoredSet | null {
    const isLeft = (row: number) => !hasBit(rows, row)
    const left = this.rows.filter(isLeft)
    if (left.length === 0) return null
    if (left.length === this.rows.length) return this
    const vectors = this.vectors.filter((_, i) => isLeft(this.rows[i]!))
    return new StoredSet(this.name, left, vectors)
  }
}
