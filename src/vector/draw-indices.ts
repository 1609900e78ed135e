import type { Random } from './random.ts'

/** Up to `wanted` different whole numbers below `count`, every choice equally likely. */
export function drawIndices(count: number, wanted: number, random: Random): number[] {
  const indices = Array.from({ length: count }, (_, i) => i)
  const drawn = Math.min(count, wanted)
  for (let i = 0; i < drawn; i++) {
    const j = i + Math.floor(random() * (count - i))
    const swapped = indices[i]!
    indices[i] = indices[j]!
    indices[j] = swapped
  }
  return indices.slice(0, drawn)
}
