import type { SetAnswer, SetChanges, SetQuery } from '../../../index/metric/row-sets.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../../vector/space.ts'

/** `sets` is a number that the caller chose for the sets of one collection. */
export type SetCalls = {
  /** Returns the number of rows in the sets now. */
  put: {
    args: {
      readonly sets: number
      /** Nothing was put before: there must be none, else there must be some. */
      readonly first: boolean
      readonly space: SpaceKind
      readonly rows: RowsView
      readonly changes: SetChanges
    }
    result: number
  }
  search: { args: { readonly sets: number; readonly query: SetQuery }; result: SetAnswer }
  drop: { args: { readonly sets: number }; result: undefined }
}
