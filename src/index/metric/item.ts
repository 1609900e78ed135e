/** An object as a structure holds it. The same id inserted again is another item. */
export interface Item<T> {
  readonly id: number
  readonly object: T
  /** False once deleted; a structure may keep such an item as a pivot, but never answers with it. */
  alive: boolean
}
