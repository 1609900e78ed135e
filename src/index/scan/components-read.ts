import { PREFIX_RANK } from './cascade/transform.ts'

/** Numbers that the first level of a search looks at, of its codes or of its rows: what decides whether to split it. */
export function componentsRead(rows: number, dimensions: number, usesPrefix: boolean): number {
  return rows * (usesPrefix ? PREFIX_RANK : dimensions)
}
