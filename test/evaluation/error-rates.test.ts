import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorRates } from '../../src/evaluation/error-rates.ts'
import { LowestScores } from '../../src/evaluation/lowest-scores.ts'
import { fitProbability, probabilityAt } from '../../src/evaluation/match-probability.ts'
import { nearestImpostors, type Trials } from '../../src/evaluation/match-trials.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'

const SEED = 1832

/** Four probes for each identity; scores are rounded, so that there are ties. */
function made(identities: number, seed: number): Trials {
  const random = seededRandom(seed)
  const owners = Int32Array.from({ length: identities * 4 }, (_, i) => i >> 2)
  const score = (mean: number) => Math.max(0, Math.round((mean + gaussian(random)) * 100) / 100)
  return {
    identities,
    owners,
    genuine: Float64Array.from(owners, () => score(3)),
    impostors: Float64Array.from({ length: owners.length * (identities - 1) }, () => score(6)),
  }
}

test('a threshold takes ties together or not at all, and weights count', () => {
  const scores = Float64Array.of(9, 3, 4, 6, 8, 9)
  const owners = Int32Array.of(0, 1, 0, 1, 1, 0)
  const lowest = new LowestScores(scores, owners, null, 1)
  const once = [1, 1]
  assert.deepEqual(
    [0, 1, 1.9, 2, 4, 5, 6].map((most) => lowest.threshold(once, most)),
    [null, 3, 3, 4, 8, 8, 9],
  )
  // Scores 3, 6 and 8 count twice, 4 and 9 not at all.
  assert.deepEqual(
    [1, 2, 3, 4].map((most) => lowest.threshold([0, 2], most)),
    [null, 4, 4, 6],
  )
  const pairs = new LowestScores(scores, owners, Int32Array.of(1, 0, 1, 0, 0, 1), 0.5)
  assert.equal(pairs.threshold([2, 3], 12), 4)
})

test('thresholds and rates are those of a plain count, with ties', () => {
  const trials = made(20, SEED)
  const { owners, genuine, impostors } = trials
  const rates = errorRates(trials, seededRandom(1))
  const firsts = nearestImpostors(trials)
  const share = (scores: Iterable<number>, holds: (score: number, i: number) => boolean) => {
    const all = [...scores]
    return all.filter(holds).length / all.length
  }
  const largest = (scores: Float64Array, rate: number) => {
    const fit = [...scores].filter((t) => share(scores, (score) => score <= t) <= rate)
    return fit.length === 0 ? null : Math.max(...fit)
  }
  for (const { rate, threshold, missed, trials: count, enough } of rates.matches) {
    assert.equal(threshold, largest(impostors, rate), `FMR ${rate}, seed ${SEED}`)
    assertClose(
      missed,
      share(genuine, (d) => threshold === null || d > threshold),
      `FMR ${rate}`,
    )
    assert.deepEqual([count, enough], [impostors.length, impostors.length * rate >= 30])
  }
  for (const { rate, threshold, missed, thresholdInterval, missedInterval } of rates.accepts) {
    assert.equal(threshold, largest(firsts, rate), `accepts ${rate}, seed ${SEED}`)
    const isMissed = (d: number, i: number) => threshold === null || d > threshold || d > firsts[i]!
    assertClose(missed, share(genuine, isMissed), `accepts ${rate}`)
    assert.ok(missedInterval[0] <= missed && missed <= missedInterval[1], `${missedInterval}`)
    if (threshold === null) assert.equal(thresholdInterval, null)
    else assert.ok(thresholdInterval![0] <= threshold && threshold <= thresholdInterval![1])
  }
  for (const { threshold, falseMatchRate, falseNonMatchRate } of rates.roc) {
    assertClose(
      falseMatchRate,
      share(impostors, (d) => d <= threshold),
      'FMR',
    )
    assertClose(
      falseNonMatchRate,
      share(genuine, (d) => d > threshold),
      'FNMR',
    )
  }
  assert.equal(owners.length, 80)
  // Of two normal distributions of the same width three apart: the share beyond 1.5.
  assertClose(rates.equalErrorRate, 0.0668, 'equal error rate', 0.04)
})

test('a threshold of too few trials is null, and said to rest on too few', () => {
  const rates = errorRates(made(3, SEED), seededRandom(1))
  const { threshold, missed, enough } = rates.matches.at(-1)!
  assert.deepEqual([threshold, missed, enough], [null, 1, false])
})

test('intervals of thresholds hold the one of many more identities in most of 20 samples', () => {
  const rate = (seed: number, identities: number) =>
    errorRates(made(identities, seed), seededRandom(seed)).matches[1]!
  const truth = rate(1, 300).threshold!
  const held = Array.from({ length: 20 }, (_, i) => rate(SEED + i, 25).thresholdInterval!).filter(
    ([low, high]) => low <= truth && truth <= high,
  )
  assert.ok(held.length >= 15, `${held.length} of 20, seed ${SEED}`)
})

test('the probability of a match is the monotone fit by its min-max formula', () => {
  const random = seededRandom(SEED)
  const draw = (count: number, mean: number) =>
    Float64Array.from({ length: count }, () => Math.round((mean + gaussian(random)) * 5) / 5)
  const [same, different] = [draw(40, 1), draw(30, 3)]
  const steps = fitProbability(same, different)
  const distances = [...new Set([...same, ...different])].sort((a, b) => a - b)
  const mean = (from: number, to: number) => {
    const within = (d: number) => d >= distances[from]! && d <= distances[to]!
    const hit = same.filter(within).length / same.length
    return hit / (hit + different.filter(within).length / different.length)
  }
  for (const [i, distance] of distances.entries()) {
    let least = Number.POSITIVE_INFINITY
    for (let from = 0; from <= i; from++) {
      let most = 0
      for (let to = i; to < distances.length; to++) most = Math.max(most, mean(from, to))
      least = Math.min(least, most)
    }
    assertClose(probabilityAt(steps, distance), least, `at ${distance}, seed ${SEED}`)
  }
  assert.equal(probabilityAt(steps, 100), steps.at(-1)!.probability)
})
