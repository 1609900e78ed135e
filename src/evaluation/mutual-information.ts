/**
 * Computes the normalised mutual information of two groupings of the same things, from 0
 * (independent) to 1 (the same but for the names): 2 I(A; B) / (H(A) + H(B)), the form that metric
 * learning reports. Two groupings of one group each are the same: 1.
 */
export function normalisedMutualInformation(a: Int32Array, b: Int32Array): number {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`expected two groupings of the same things, got ${a.length}, ${b.length}`)
  }
  const [inA, inB] = [countGroups(a), countGroups(b)]
  const inBoth = new Map<number, Map<number, number>>()
  for (let i = 0; i < a.length; i++) {
    const row = inBoth.get(a[i]!) ?? new Map<number, number>()
    inBoth.set(a[i]!, row)
    row.set(b[i]!, (row.get(b[i]!) ?? 0) + 1)
  }
  let shared = 0
  for (const [groupA, row] of inBoth) {
    for (const [groupB, count] of row) {
      const expected = inA.get(groupA)! * inB.get(groupB)!
      shared += (count / a.length) * Math.log((a.length * count) / expected)
    }
  }
  const entropies = entropy(inA, a.length) + entropy(inB, a.length)
  return entropies === 0 ? 1 : Math.min(1, Math.max(0, (2 * shared) / entropies))
}

function countGroups(groups: Int32Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1)
  return counts
}

function entropy(counts: Map<number, number>, total: number): number {
  let sum = 0
  for (const count of counts.values()) sum -= (count / total) * Math.log(count / total)
  return sum
}
