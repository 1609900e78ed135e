/** Who goes first where work waits: somebody waits for a search, few notice one image of a load. */
export type Priority = 'search' | 'bulk'

/** Searches that may pass while bulk work waits; then one piece of that has its turn. */
const SEARCHES_IN_A_ROW = 7

/**
 * What waits, in order of arrival, searches before bulk work. Each lane has its own room, so that a
 * load cannot fill the places of searches; and bulk work gets one turn in eight, so that searches
 * cannot stop a load.
 */
export class Lanes<T> {
  readonly #room: number
  readonly #lanes: Record<Priority, Set<T>> = { search: new Set(), bulk: new Set() }
  #searchesInARow = 0

  /** @param room of each lane. */
  constructor(room: number) {
    this.#room = room
  }

  get size(): number {
    return this.#lanes.search.size + this.#lanes.bulk.size
  }

  isFull(priority: Priority): boolean {
    return this.#lanes[priority].size >= this.#room
  }

  add(entry: T, priority: Priority): void {
    this.#lanes[priority].add(entry)
  }

  delete(entry: T, priority: Priority): void {
    this.#lanes[priority].delete(entry)
  }

  /** Whose turn it is, and gone from its lane. */
  take(options: { readonly searchesOnly: boolean } = { searchesOnly: false }): T | undefined {
    return this.#takeFrom(this.#turn(options.searchesOnly), 1)[0]
  }

  /** The next of the lane whose turn it is, and gone from there: searches wait for no bulk work beside them. */
  takeAlike(most: number): T[] {
    return this.#takeFrom(this.#turn(false), most)
  }

  #takeFrom(priority: Priority, most: number): T[] {
    this.#searchesInARow = priority === 'bulk' ? 0 : this.#searchesInARow + 1
    const lane = this.#lanes[priority]
    const taken: T[] = []
    for (const next of lane) {
      if (taken.length === most) break
      taken.push(next)
      lane.delete(next)
    }
    return taken
  }

  #turn(searchesOnly: boolean): Priority {
    const { search, bulk } = this.#lanes
    if (searchesOnly || bulk.size === 0) return 'search'
    return search.size === 0 || this.#searchesInARow >= SEARCHES_IN_A_ROW ? 'bulk' : 'search'
  }
}
