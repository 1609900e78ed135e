/** Re-ranks as the authors' code does (Zhong et al., CVPR 2017), line by line, with dense matrices. */
export function transcribed(
  squared: number[][],
  queryNum: number,
  k1: number,
  k2: number,
  lambda: number,
) {
  const allNum = squared.length
  const originalDist = squared.map((row) => row.map((value) => value / Math.max(...row)))
  const initialRank = originalDist.map((row) =>
    row.map((_, j) => j).sort((a, b) => row[a]! - row[b]! || a - b),
  )
  const neighbours = (i: number, k: number) => {
    const forward = initialRank[i]!.slice(0, k + 1)
    const backward = forward.map((j) => initialRank[j]!.slice(0, k + 1))
    return forward.filter((_, at) => backward[at]!.includes(i))
  }
  let v = originalDist.map((row, i) => {
    const kReciprocal = neighbours(i, k1)
    let expansion = [...kReciprocal]
    for (const candidate of kReciprocal) {
      const theirs = neighbours(candidate, Math.round(k1 / 2))
      const common = theirs.filter((j) => kReciprocal.includes(j))
      if (common.length > (2 / 3) * theirs.length) expansion = [...expansion, ...theirs]
    }
    expansion = [...new Set(expansion)]
    const weight = expansion.map((j) => Math.exp(-row[j]!))
    const sum = weight.reduce((a, b) => a + b, 0)
    return row.map((_, j) => (expansion.includes(j) ? weight[expansion.indexOf(j)]! / sum : 0))
  })
  if (k2 !== 1) {
    v = v.map((_, i) =>
      v.map((_, j) => {
        return initialRank[i]!.slice(0, k2).reduce((sum, row) => sum + v[row]![j]! / k2, 0)
      }),
    )
  }
  return Array.from({ length: queryNum }, (_, i) =>
    Array.from({ length: allNum - queryNum }, (_, at) => {
      const j = queryNum + at
      const [least, most] = [Math.min, Math.max].map((take) =>
        v[i]!.reduce((sum, value, n) => sum + take(value, v[j]![n]!), 0),
      )
      return (1 - least! / most!) * (1 - lambda) + originalDist[i]![j]! * lambda
    }),
  )
}
