import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Coefficients,
  fitCoefficients,
  NO_WORK,
  TYPICAL_COEFFICIENTS,
  WORK_KINDS,
} from '../../../src/index/planner/cost-model.ts'
import { type Random, seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'

/** A machine of 1/3 to 3 times the typical costs, each kind by itself. */
function someMachine(random: Random): Coefficients {
  const entries = WORK_KINDS.map((kind) => [
    kind,
    TYPICAL_COEFFICIENTS[kind] * 3 ** (2 * random() - 1),
  ])
  return Object.fromEntries(entries) as Coefficients
}

/** Runs that each do much of one kind and some of the others; `noise`: of the time, up to that share more. */
function runs(machine: Coefficients, random: Random, noise: number) {
  return Array.from({ length: 40 }, (_, i) => {
    const work = { ...NO_WORK }
    for (const [j, kind] of WORK_KINDS.entries()) {
      const much = i % WORK_KINDS.length === j ? 10 : random()
      work[kind] = (much * 1e5) / TYPICAL_COEFFICIENTS[kind]
    }
    let nanoseconds = 0
    for (const kind of WORK_KINDS) nanoseconds += work[kind] * machine[kind]
    return { work, nanoseconds: nanoseconds * (1 + noise * random()) }
  })
}

for (const [noise, within] of [
  [0, 0.02],
  [0.05, 0.1],
] as const) {
  test(`timings that vary by ${100 * noise} % give the costs that made them to ${100 * within} %`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed)
      const machine = someMachine(random)
      const fitted = fitCoefficients(runs(machine, random, noise))
      for (const kind of WORK_KINDS) {
        assertClose(fitted[kind] / machine[kind], 1, `seed ${seed}, ${kind}`, within)
      }
    }
  })
}

test('a cost that no run tells of stays as it was', () => {
  const machine = { ...TYPICAL_COEFFICIENTS, scanned: 1 }
  const observations = [1e5, 1e6, 1e7].map((scanned) => {
    return { work: { ...NO_WORK, scanned }, nanoseconds: scanned * machine.scanned }
  })
  const fitted = fitCoefficients(observations)
  assertClose(fitted.scanned, 1, 'scanned', 0.01)
  assert.equal(fitted.visited, TYPICAL_COEFFICIENTS.visited)
})

test('no timing moves a cost beyond four times what is typical', () => {
  const work = { ...NO_WORK, calls: 1 }
  const { calls } = fitCoefficients([{ work, nanoseconds: 600_000 }])
  assert.equal(calls, 4 * TYPICAL_COEFFICIENTS.calls)
})
