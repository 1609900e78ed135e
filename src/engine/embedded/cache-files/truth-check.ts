import { DamagedFile } from '../../../files/durable-files.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'

/** Compares the versions in a file with those in use: a key alone may come from another time line of the truth. */
export class TruthCheck {
  readonly #segments: readonly WebAssembly.Memory[]
  readonly #rows: RowsView
  readonly #rowOfKey: Map<number, number>

  /** @param inUse keys and the rows that hold them; none of these may be written meanwhile. */
  constructor(
    segments: readonly WebAssembly.Memory[],
    rows: RowsView,
    inUse: Iterable<readonly [key: number, row: number]>,
  ) {
    this.#segments = segments
    this.#rows = rows
    this.#rowOfKey = new Map(inUse)
  }

  /**
   * The row that holds a version; null for one that has ended. A null vector is that of a version marked as ended.
   * @throws DamagedFile for a version in use with another vector than the file has.
   */
  rowOf(key: number, vector: Float32Array | null): number | null {
    const row = this.#rowOfKey.get(key)
    if (row === undefined) return null
    if (vector !== null && equal(vector, rowSlot(this.#segments, this.#rows, row))) return row
    throw new DamagedFile(`it holds another vector than the truth of version ${key}`)
  }
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
