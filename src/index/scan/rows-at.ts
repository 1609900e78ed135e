interface Found {
  readonly rows: Uint32Array
  readonly distances: Float64Array
}

/** The rows found beyond a distance, and behind them those exactly at it. */
export function withRowsAt(beyond: Found, at: readonly number[], distance: number): Found {
  if (at.length === 0) return beyond
  const rows = new Uint32Array(beyond.rows.length + at.length)
  const distances = new Float64Array(rows.length).fill(distance)
  rows.set(beyond.rows)
  rows.set(at, beyond.rows.length)
  distances.set(beyond.distances)
  return { rows, distances }
}
