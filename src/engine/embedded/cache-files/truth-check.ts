import { DamagedFile } from '../../../files/durable-files.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'

/**
 * Makes the check of the versions in a file against those in use: a key alone may come from another time line of the
 * truth. It gives the row that holds a version, or null for one that has ended; the vector of a version that the file
 * marks as ended is null. It throws DamagedFile for a version in use with another vector than the file has.
 *
 * @param inUse keys and the rows that hold them; none of these may be written meanwhile.
 */
export function truthCheck(
  segments: readonly WebAssembly.Memory[],
  rows: RowsView,
  inUse: Iterable<readonly [key: number, row: number]>,
): (key: number, vector: Float32Array | null) => number | null {
  const rowOfKey = new Map(inUse)
  return (key, vector) => {
    const row = rowOfKey.get(key)
    if (row === undefined) return null
    if (vector !== null && equal(vector, rowSlot(segments, rows, row))) return row
    throw new DamagedFile(`it holds another vector than the truth of version ${key}`)
  }
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
