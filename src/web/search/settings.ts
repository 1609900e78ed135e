import type { Condition } from './filter.ts'

/** What is asked for beside the pictures. */
export interface Settings {
  readonly k: number
  readonly radius: number | null
  readonly group: boolean
  readonly conditions: readonly Condition[]
}
