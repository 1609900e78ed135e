/** The number of parts that the range of the matches' distances is cut into. */
const PARTS = 256

/**
 * Looks up by distance where rows come among one query's matches. The range of the matches is cut into
 * even parts, each of which knows its first match, so that few are compared with.
 */
export class MatchPlaces {
  /** The first match that is in each part or behind it; one more for the end. */
  readonly #firstOf = new Uint32Array(PARTS + 1)
  #rows: Uint32Array = new Uint32Array(0)
  #distances: Float64Array = new Float64Array(0)
  #least = 0
  #scale = 0

  /** @param rows sorted by their `distances`, then by row; both are kept. */
  set(rows: Uint32Array, distances: Float64Array): void {
    this.#rows = rows
    this.#distances = distances
    const count = rows.length
    this.#least = distances[0] ?? 0
    const range = (distances[count - 1] ?? 0) - this.#least
    // Where it is too small to be cut, all are in the first part.
    const scale = PARTS / range
    this.#scale = Number.isFinite(scale) ? scale : 0
    let match = 0
    for (let part = 0; part < PARTS; part++) {
      while (match < count && this.#part(distances[match]!) < part) match++
      this.#firstOf[part] = match
    }
    this.#firstOf[PARTS] = count
  }

  /** Finds the first match that comes after (distance, row) in the order of distance, then row. */
  firstBehind(distance: number, row: number): number {
    const part = this.#part(distance)
    let low = this.#firstOf[part]!
    let high = this.#firstOf[part + 1]!
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#distances[middle]!
      if (other < distance || (other === distance && this.#rows[middle]! < row)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Finds the part of a distance, never a smaller one for a larger distance. */
  #part(distance: number): number {
    const place = (distance - this.#least) * this.#scale
    return place > 0 ? Math.min(PARTS - 1, Math.floor(place)) : 0
  }
}
