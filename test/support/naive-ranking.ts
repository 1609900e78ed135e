import type { Measures } from '../../src/evaluation/rank-measures.ts'
import { type RowMatrix, rowOf } from '../../src/vector/row-matrix.ts'

/**
 * What is found for one query, nearest first, as relevant or not: by sorting everything. Distances
 * are canonical float64; ties go by row.
 */
export function naiveRelevance(
  query: Float32Array,
  gallery: RowMatrix,
  isRelevant: (row: number) => boolean,
  isLeftOut: (row: number) => boolean,
): boolean[] {
  const rows = Array.from({ length: gallery.count }, (_, row) => {
    let squared = 0
    for (const [i, value] of rowOf(gallery, row).entries()) squared += (query[i]! - value) ** 2
    return { row, squared }
  })
  return rows
    .filter(({ row }) => !isLeftOut(row))
    .sort((a, b) => a.squared - b.squared || a.row - b.row)
    .map(({ row }) => isRelevant(row))
}

/** The measures by their definitions on a list of relevant or not. */
export function naiveMeasures(relevance: readonly boolean[]): Measures {
  const matches = relevance.filter(Boolean).length
  const hitsIn = (k: number) => relevance.slice(0, k).filter(Boolean).length
  const precisionSum = (k: number) => {
    let sum = 0
    for (let i = 1; i <= Math.min(k, relevance.length); i++) {
      if (relevance[i - 1]) sum += hitsIn(i) / i
    }
    return sum
  }
  return {
    recallAt1: Number(hitsIn(1) > 0),
    recallAt2: Number(hitsIn(2) > 0),
    recallAt4: Number(hitsIn(4) > 0),
    recallAt8: Number(hitsIn(8) > 0),
    rPrecision: hitsIn(matches) / matches,
    mapAtR: precisionSum(matches) / matches,
    map: precisionSum(relevance.length) / matches,
  }
}
