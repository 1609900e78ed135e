import { AppError } from '../../errors.ts'
import { drawIndices, type Random } from '../random.ts'
import { TriangleBounds } from './bounds.ts'
import { brandMetric, type Metric, type Slack } from './metric.ts'

/** Objects compared: all pairs and all triples of them. */
const MAX_CHECKED = 64

/** Room for some thousand roundings, and for underflow. */
const USUAL_SLACK: Slack = { relative: 2 ** -40, absolute: 2 ** -900 }

/**
 * Takes a function of the caller's for a metric after all pairs and triples of up to 64 objects,
 * drawn from `sample`, have agreed. A sample can refute the claim, never prove it: give at least
 * the shape of the real data, near-duplicates included, since a squared distance among far-apart
 * random points of many dimensions does keep the triangle inequality.
 *
 * @param slack how far rounding may take `distance` from the metric it computes.
 * @throws NOT_A_METRIC that names the objects by their index in `sample`, and their distances.
 */
export function checkedMetric<T>(
  name: string,
  distance: (a: T, b: T) => number,
  sample: readonly T[],
  random: Random,
  slack: Slack = USUAL_SLACK,
): Metric<T> {
  if (!(slack.relative >= 0 && slack.relative <= 2 ** -10 && slack.absolute >= 0)) {
    throw new AppError(
      'INVALID_REQUEST',
      `expected a slack of 0 to 2^-10 relative and at least 0 absolute, got ${slack.relative} and ${slack.absolute}`,
    )
  }
  const chosen = drawIndices(sample.length, MAX_CHECKED, random)
  if (chosen.length < 3) {
    throw notAMetric(`${name} needs a sample of at least 3 objects, got ${chosen.length}`)
  }
  const between = chosen.map((i) =>
    Float64Array.from(chosen, (j) => distance(sample[i]!, sample[j]!)),
  )
  checkAxioms(name, chosen, between, new TriangleBounds(slack))
  // It knows of no limit: a third parameter of its own would mean something else.
  return brandMetric(name, slack, (a, b) => distance(a, b))
}

function checkAxioms(
  name: string,
  objects: readonly number[],
  between: readonly Float64Array[],
  bounds: TriangleBounds,
): void {
  const all = [...objects.keys()]
  const pair = (i: number, j: number) => `${name}(${objects[i]}, ${objects[j]})`
  for (const i of all) {
    for (const j of all) {
      const there = between[i]![j]!
      const back = between[j]![i]!
      const found = `${pair(i, j)} = ${there}`
      if (!(there >= 0 && there < Number.POSITIVE_INFINITY)) {
        throw notAMetric(`${found}, expected a finite number of at least 0`)
      }
      if (i === j && there !== 0) throw notAMetric(`${found}, expected 0`)
      if (there > bounds.joined(back, 0)) {
        throw notAMetric(`${found}, but ${pair(j, i)} = ${back}`)
      }
    }
  }
  for (const i of all) {
    for (const j of all) {
      for (const k of all) {
        const direct = between[i]![k]!
        const first = between[i]![j]!
        const second = between[j]![k]!
        if (direct <= bounds.joined(first, second)) continue
        const sum = `${pair(i, j)} + ${pair(j, k)} = ${first} + ${second}`
        throw notAMetric(`${pair(i, k)} = ${direct} exceeds ${sum}`)
      }
    }
  }
}

function notAMetric(message: string): AppError {
  return new AppError('NOT_A_METRIC', message)
}
