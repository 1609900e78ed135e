import type { Condition } from './filter.ts'

/** What is asked for beside the pictures. */
export interface Settings {
  readonly k: number
  readonly radius: number | null
  readonly group: boolean
  /** From 0, the nearest, to 1, those that differ most from each other; there are no groups then. */
  readonly diversity: number
  readonly conditions: readonly Condition[]
}
