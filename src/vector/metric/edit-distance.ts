import { brandMetric, type Metric, NO_SLACK } from './metric.ts'

/**
 * Levenshtein distance: the fewest insertions, deletions and replacements of UTF-16 code units that
 * turn one string into the other. Time is the product of the lengths, so bound them.
 */
export const editDistance: Metric<string> = brandMetric('edit', NO_SLACK, (a, b) => {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  let end = short.length
  let longEnd = long.length
  while (end > 0 && short.charCodeAt(end - 1) === long.charCodeAt(longEnd - 1)) {
    end--
    longEnd--
  }
  let start = 0
  while (start < end && short.charCodeAt(start) === long.charCodeAt(start)) start++
  const width = end - start
  // Wagner and Fischer's table, one row at a time: row[j] is the distance to the first j units.
  const row = new Uint32Array(width + 1)
  for (let j = 1; j <= width; j++) row[j] = j
  for (let i = start; i < longEnd; i++) {
    const unit = long.charCodeAt(i)
    let diagonal = row[0]!
    row[0] = diagonal + 1
    for (let j = 1; j <= width; j++) {
      const replaced = diagonal + (short.charCodeAt(start + j - 1) === unit ? 0 : 1)
      diagonal = row[j]!
      row[j] = Math.min(replaced, diagonal + 1, row[j - 1]! + 1)
    }
  }
  return row[width]!
})
