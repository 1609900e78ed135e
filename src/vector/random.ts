/** Draws uniform numbers in [0, 1). Chance is always an argument, made from a seed. */
export type Random = () => number

/** Makes the mulberry32 generator (Tommy Ettinger, public domain): 32 bits of state, enough to sample. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws a standard normal number (Box and Muller). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/**
 * Draws up to `wanted` different whole numbers below `count`, every choice and order equally likely,
 * as Fisher and Yates do, with only the numbers that moved held, so that a few of millions cost a few.
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
