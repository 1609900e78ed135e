import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Coefficients, TYPICAL_COEFFICIENTS } from '../../../src/index/planner/cost-model.ts'
import { Planner, type PlanRequest } from '../../../src/index/planner/planner.ts'
import type { SearchFacts } from '../../../src/index/planner/search-facts.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'

const FACTS: SearchFacts = {
  rows: 100_000,
  allowed: 100_000,
  records: 100_000,
  dimensions: 128,
  rowsPerBlock: 512,
  k: 10,
  bounded: false,
  codes: 'prefix',
  threads: 2,
  splitAbove: 4_000_000,
}
const REQUEST: PlanRequest = {
  accuracy: 'auto',
  budgetMicros: 5000,
  aheadMicros: 0,
  graph: { ef: 64, fetch: 10 },
}

function planner(changes: Partial<Coefficients> = {}): Planner {
  return new Planner(() => ({ ...TYPICAL_COEFFICIENTS, ...changes }))
}

const plan = (
  byCost: Planner,
  facts: Partial<SearchFacts> = {},
  request: Partial<PlanRequest> = {},
) => byCost.choose({ ...FACTS, ...facts }, { ...REQUEST, ...request }).plan

test('of the exact plans the one with the lower cost is chosen', () => {
  assert.equal(plan(planner(), {}, { accuracy: 'exact' }), 'cascade')
  assert.equal(plan(planner({ prefixed: 1e4 }), {}, { accuracy: 'exact' }), 'gather')
  const few = { allowed: 100 }
  assert.equal(plan(planner(), few, { accuracy: 'exact' }), 'gather')
  assert.equal(plan(planner({ gathered: 1e4 }), few, { accuracy: 'exact' }), 'cascade')
})

test('the cheaper of two plans is chosen whatever they cost', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed)
    const allowed = Math.ceil(FACTS.records * 10 ** (-4 * random()))
    const facts = { ...FACTS, allowed, k: Math.ceil(1000 ** random()) }
    const byCost = planner({ gathered: 10 ** (2 * random() - 1), prefixed: 10 ** (3 * random()) })
    const [first, second] = byCost.exactPlans(facts)
    assert.ok(first.predictedMicros <= second!.predictedMicros, `seed ${seed}`)
    assert.equal(byCost.choose(facts, { ...REQUEST, accuracy: 'exact' }).plan, first.plan)
  }
})

test('rows without codes are read as they are', () => {
  assert.equal(plan(planner({ scanned: 1e4 }), { codes: 'none' }, { graph: null }), 'gather')
})

test('auto is exact within the budget, and asks the graph beyond it', () => {
  const byCost = planner()
  const { predictedMicros } = byCost.choose(FACTS, { ...REQUEST, accuracy: 'exact' })
  assert.equal(plan(byCost, {}, { budgetMicros: predictedMicros }), 'cascade')
  assert.equal(plan(byCost, {}, { budgetMicros: predictedMicros - 1 }), 'graph')
  assert.equal(plan(byCost, {}, { budgetMicros: predictedMicros, aheadMicros: 1 }), 'graph')
})

test('auto stays exact beyond the budget where the graph would take longer, or is not there', () => {
  assert.equal(plan(planner({ graphCalls: 1e8 }), {}, { budgetMicros: 0 }), 'cascade')
  assert.equal(plan(planner(), {}, { budgetMicros: 0, graph: null }), 'cascade')
})

test('approximate asks the graph; for a filter only where it costs less', () => {
  const approximate = { accuracy: 'approximate' } as const
  assert.equal(plan(planner({ graphCalls: 1e8 }), {}, approximate), 'graph')
  const half = { allowed: 50_000 }
  assert.equal(plan(planner(), half, { ...approximate, graph: { ef: 64, fetch: 40 } }), 'graph')
  const few = { allowed: 20 }
  assert.equal(plan(planner(), few, { ...approximate, graph: { ef: 9000, fetch: 9000 } }), 'gather')
})

test('exact never asks the graph', () => {
  assert.equal(plan(planner(), {}, { accuracy: 'exact', budgetMicros: 0 }), 'cascade')
})

test('a plan that turns out more expensive than predicted is given up for the next', () => {
  const byCost = planner()
  const facts = { ...FACTS, allowed: 600 }
  const exact = { ...REQUEST, accuracy: 'exact' } as const
  const levels = [
    { name: 'float32', candidates: 600 },
    { name: 'float64', candidates: 100 },
  ]
  assert.equal(byCost.choose(facts, exact).plan, 'gather')
  for (let i = 0; i < 20; i++) {
    const choice = byCost.choose(facts, exact)
    if (choice.plan === 'gather') byCost.ran(choice, facts, levels, 50_000)
  }
  assert.equal(byCost.choose(facts, exact).plan, 'cascade')
})

test('predictions come to what searches take, and one that was held up hardly matters', () => {
  const seed = 5
  const random = seededRandom(seed)
  // No other plan is ever cheaper.
  const byCost = planner({ scanned: 1000 })
  const levels = [
    { name: 'prefix', candidates: 100_000 },
    { name: 'codes', candidates: 900 },
    { name: 'float32', candidates: 60 },
    { name: 'float64', candidates: 80 },
  ]
  const predicted = () => byCost.choose(FACTS, { ...REQUEST, accuracy: 'exact' }).predictedMicros
  for (let i = 0; i < 50; i++) {
    const choice = byCost.choose(FACTS, { ...REQUEST, accuracy: 'exact' })
    byCost.ran(choice, FACTS, levels, 3000 * (0.9 + 0.2 * random()))
  }
  assertClose(predicted() / 3000, 1, `seed ${seed}`, 0.05)
  byCost.ran(byCost.choose(FACTS, { ...REQUEST, accuracy: 'exact' }), FACTS, levels, 1e6)
  assertClose(predicted() / 3000, 1, 'after one of a second', 0.2)
})

test('rows that came through the levels are expected of the next search', () => {
  const byCost = planner()
  const cost = () => byCost.choose(FACTS, { ...REQUEST, accuracy: 'exact' }).predictedMicros
  const before = cost()
  const choice = byCost.choose(FACTS, { ...REQUEST, accuracy: 'exact' })
  const all = ['prefix', 'codes', 'float32', 'float64'].map((name) => {
    return { name, candidates: 50_000 }
  })
  byCost.ran(choice, FACTS, all, null)
  assert.ok(cost() > 1.5 * before, `${cost()} after ${before}`)
})
