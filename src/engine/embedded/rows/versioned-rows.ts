import type { VersionedRows } from '../../../index/graph/approximate-index.ts'
import type { RowSlots } from './row-slots.ts'

/** The rows as a graph needs them. `pin`: see VersionedRows. */
export function versionedRows(slots: RowSlots, pin: () => () => void): VersionedRows {
  return {
    get count() {
      return slots.count
    },
    inUse: () => slots.rowsInUse(),
    key: (row) => slots.key(row),
    pin,
  }
}
