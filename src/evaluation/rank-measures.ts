/**
 * The measures that follow from the ranks of one query's R matches; each from 0 to 1.
 *
 * `recallAtK`: 1 when a match is among the K nearest. `rPrecision`: the share of matches among the R
 * nearest. `mapAtR`: (1/R) * the sum of the precision at each match among the R nearest (Musgrave et
 * al., A Metric Learning Reality Check, ECCV 2020). `map`: the same over the whole ranking.
 */
export const MEASURES = [
  'recallAt1',
  'recallAt2',
  'recallAt4',
  'recallAt8',
  'rPrecision',
  'mapAtR',
  'map',
] as const

export type Measure = (typeof MEASURES)[number]
export type Measures = Readonly<Record<Measure, number>>

/** @param ranks of the matches, ascending from 1; at least one. */
export function measuresOf(ranks: Uint32Array): Measures {
  const matches = ranks.length
  let withinR = 0
  let precisionWithinR = 0
  let precision = 0
  for (let i = 0; i < matches; i++) {
    const rank = ranks[i]!
    precision += (i + 1) / rank
    if (rank <= matches) {
      withinR++
      precisionWithinR = precision
    }
  }
  const nearest = ranks[0]!
  return {
    recallAt1: nearest <= 1 ? 1 : 0,
    recallAt2: nearest <= 2 ? 1 : 0,
    recallAt4: nearest <= 4 ? 1 : 0,
    recallAt8: nearest <= 8 ? 1 : 0,
    rPrecision: withinR / matches,
    mapAtR: precisionWithinR / matches,
    map: precision / matches,
  }
}
