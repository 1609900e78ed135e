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

  /** Whose turn it is; gone from its lane. */
  take(): T | undefined {
    const { search, bulk } = this.#lanes
    const bulkTurn =
      search.size === 0 || (bulk.size > 0 && this.#searchesInARow >= SEARCHES_IN_A_ROW)
    const lane = bulkTurn ? bulk : search
    this.#searchesInARow = bulkTurn ? 0 : this.#searchesInARow + 1
    const [next] = lane
    if (next !== undefined) lane.delete(next)
    return next
  }
}
