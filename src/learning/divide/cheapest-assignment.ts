/**
 * Gives each row a column of its own so that the costs add up to the least, by the Hungarian method
 * with potentials (Kuhn 1955, Jonker and Volgenant 1987), O(n^3).
 *
 * @param costs n x n finite numbers.
 * @returns the column of each row.
 */
export function cheapestAssignment(costs: readonly (readonly number[])[]): number[] {
  const n = costs.length
  if (costs.some((row) => row.length !== n || !row.every(Number.isFinite))) {
    throw new RangeError(`expected ${n} x ${n} finite costs`)
  }
  // Row and column n stand outside: a path to a free column starts there.
  const rowPotential = new Float64Array(n + 1)
  const columnPotential = new Float64Array(n + 1)
  const rowOf = new Int32Array(n + 1).fill(-1)
  for (let row = 0; row < n; row++) {
    rowOf[n] = row
    const previous = new Int32Array(n).fill(n)
    const slack = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
    const done = new Uint8Array(n + 1)
    let column = n
    // Invariant: `slack` is the least reduced cost from a done column's row to each other column.
    while (rowOf[column] !== -1) {
      done[column] = 1
      const at = rowOf[column]!
      let [next, step] = [-1, Number.POSITIVE_INFINITY]
      for (let j = 0; j < n; j++) {
        if (done[j] === 1) continue
        const reduced = costs[at]![j]! - rowPotential[at]! - columnPotential[j]!
        if (reduced < slack[j]!) {
          slack[j] = reduced
          previous[j] = column
        }
        if (slack[j]! < step) {
          step = slack[j]!
          next = j
        }
      }
      for (let j = 0; j <= n; j++) {
        if (done[j] === 1) {
          rowPotential[rowOf[j]!]! += step
          columnPotential[j]! -= step
        } else if (j < n) {
          slack[j]! -= step
        }
      }
      column = next
    }
    while (column !== n) {
      const before = previous[column]!
      rowOf[column] = rowOf[before]!
      column = before
    }
  }
  const columns = new Array<number>(n).fill(0)
  for (let j = 0; j < n; j++) columns[rowOf[j]!] = j
  return columns
}
