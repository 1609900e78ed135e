import { type ProbabilityStep, probabilityAt } from '../../evaluation/match-probability.ts'
import { compareSets } from '../../index/sets/set-distance.ts'
import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'

/**
 * Gives the probability that a record is in the wrong identity, for who expected either alike, and in the latter case another
 * identity that is stored and nobody who is stored alike. By Bayes, of what two distances say independently: (1 - a) / ((1 - a) + 2 a (1 - b)).
 *
 * @param a the probability of a match at the distance from its own identity; `b` that from the nearest other.
 */
export function wrongProbability(a: number, b: number): number {
  const wrong = 1 - a
  const right = 2 * a * (1 - b)
  // Both are certain: they say nothing.
  return wrong + right === 0 ? 0.5 : wrong / (wrong + right)
}

/** Records of an identity from which on one of them may be a stranger. */
const ENOUGH_TO_DOUBT = 3

/**
 * Gives the probability that two identities are one: the larger of two means that one stranger among the records of either does not
 * decide. One is over the records of each, of the probability that they are of the other, in the direction that says less. The
 * other is over the records of the smaller identity, by the second nearest record of the larger, if that has three or more:
 * a person of one view who is also known by many others would be missed by the first.
 */
export function mergeProbability(
  a: readonly Float32Array[],
  b: readonly Float32Array[],
  steps: readonly ProbabilityStep[],
  space: SpaceKind,
): number {
  const at = (squared: number) => probabilityAt(steps, distanceFromSquared(space, squared))
  const { ofViews, ofRows } = compareSets(a, b)
  const ofA = mean(ofViews.map(({ squared }) => at(squared)))
  const ofB = mean(Array.from(ofRows, at))
  const [small, large] = a.length <= b.length ? [a, b] : [b, a]
  const place = large.length < ENOUGH_TO_DOUBT ? 0 : 1
  const ofSmall = mean(
    small.map((view) => {
      const squared = large.map((row) => squaredEuclidean(view, row)).sort((x, y) => x - y)
      return at(squared[place]!)
    }),
  )
  return Math.max(Math.min(ofA, ofB), ofSmall)
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}

/** Gives the largest distance at which a match is at least so probable; null for none. */
export function farthestOf(steps: readonly ProbabilityStep[], least: number): number | null {
  return steps.findLast(({ probability }) => probability >= least)?.upTo ?? null
}
