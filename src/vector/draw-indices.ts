import type { Random } from './random.ts'

/**
 * Up to `wanted` different whole numbers below `count`, every choice and order equally likely. Fisher and Yates
 * with only the numbers that moved held, so that a few of millions cost a few.
 */
export function drawIndices(count: number, wanted: number, random: Random): number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: Math.min(count, wanted) }, (_, i) => {
    const j = i + Math.floor(random() * (count - i))
    const drawn = moved.get(j) ?? j
    moved.set(j, moved.get(i) ?? i)
    return drawn
  })
}
