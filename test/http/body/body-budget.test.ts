import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyBudget } from '../../../src/http/body/body-budget.ts'

test('bytes fit up to the bound, and again once they are given back', () => {
  const budget = new BodyBudget(10)
  const first = budget.take(6)
  budget.take(4)
  assert.throws(() => budget.take(1), { code: 'QUEUE_FULL', retryAfterSeconds: 1 })
  first()
  first()
  assert.equal(budget.heldBytes, 4)
  budget.take(6)
  assert.throws(() => budget.take(1), { code: 'QUEUE_FULL' })
})
