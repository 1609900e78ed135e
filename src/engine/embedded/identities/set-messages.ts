import type { SetAnswer, SetChanges, SetQuery } from '../../../index/metric/row-sets.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../../vector/space.ts'

/** `sets` is a number that the caller chose for the sets of one collection. */
export type SetTask =
  | {
      readonly kind: 'put'
      readonly sets: number
      /** Nothing was put before: there must be none, else there must be some. */
      readonly first: boolean
      readonly space: SpaceKind
      readonly rows: RowsView
      readonly changes: SetChanges
    }
  | { readonly kind: 'search'; readonly sets: number; readonly query: SetQuery }
  | { readonly kind: 'drop'; readonly sets: number }

export type ToSets =
  | { readonly kind: 'segment'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'task'; readonly number: number; readonly task: SetTask }

export interface SetReply {
  readonly number: number
  /** Of a search. */
  readonly answer: SetAnswer | null
  /** Rows in the sets now. */
  readonly rows: number
}

export type FromSets = SetReply | { readonly number: number; readonly failure: string }
