import { distanceBetween, type Points, type Steps } from './points.ts'

/**
 * Chooses k of some candidates by maximal marginal relevance (Carbonell and Goldstein, The use of MMR, SIGIR 1998): again and
 * again the one of the largest
 *
 *     lambda Sim1(d, q) - (1 - lambda) max over the chosen s of Sim2(d, s),    lambda = 1 - diversity,
 *
 * with minus the distance as either similarity; before one is chosen there is no second part. Of those that tie the one
 * that stands first among the candidates is chosen.
 *
 * @param distances of the candidates from the query. @returns positions, in the order of choice.
 */
export function* mostDiverse(
  points: Points,
  distances: ArrayLike<number>,
  k: number,
  diversity: number,
): Steps<readonly number[]> {
  const { count, space } = points
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const isChosen = new Uint8Array(count)
  const chosen: number[] = []
  while (chosen.length < Math.min(k, count)) {
    let best = -1
    let bestScore = Number.NEGATIVE_INFINITY
    for (let i = 0; i < count; i++) {
      if (isChosen[i] === 1) continue
      const away = chosen.length === 0 ? 0 : diversity * nearest[i]!
      const score = away - (1 - diversity) * distances[i]!
      if (best < 0 || score > bestScore) {
        best = i
        bestScore = score
      }
    }
    chosen.push(best)
    isChosen[best] = 1
    const vector = points.vector(best).slice()
    for (let i = 0; i < count; i++) {
      if (i % 32 === 0) yield
      if (isChosen[i] === 1) continue
      nearest[i] = Math.min(nearest[i]!, distanceBetween(space, vector, points.vector(i)))
    }
  }
  return chosen
}
