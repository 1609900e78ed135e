import type { IdentityValue } from './identity-value.ts'

/** Asks where records lie on a plane. */
export interface MapQuery {
  /** A metadata field whose values come with the points; null for none. */
  readonly field: string | null
  /** The most points; of more records as many are drawn. */
  readonly limit: number
}

/** The values of one field by point; of a list, its first. */
export type MapValues = {
  /** False where the field has more values than are told apart: points of the others have none. */
  readonly complete: boolean
} & (
  | {
      readonly kind: 'values'
      /** The most frequent first; at most MAX_MAP_VALUES. */
      readonly values: readonly IdentityValue[]
      /** For each point the place of its value, from 1; 0 for none, one more than the last for any other value. */
      readonly places: Uint16Array
    }
  /** NaN where there is none. */
  | { readonly kind: 'numbers'; readonly numbers: Float32Array }
)

export interface MapAnswer {
  /** The ids of the points, in no order. */
  readonly ids: readonly string[]
  /** Two numbers for each point. */
  readonly points: Float32Array
  /** The number of records from which the points are; more where some were drawn. */
  readonly of: number
  readonly values: MapValues | null
  readonly plane: {
    /** The number of records that it was found in; 0 of a collection that is empty. */
    readonly records: number
    /** The number of writes and deletions since. */
    readonly changes: number
    /** The shares of both directions in the variance of all. */
    readonly shares: readonly [number, number]
  }
}

export const MAX_MAP_POINTS = 100_000
export const MAX_MAP_VALUES = 1000
/** A field of numbers alone, of more different ones, is one of measurements. */
export const MAX_COUNTED_NUMBERS = 12
