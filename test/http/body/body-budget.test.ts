import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBodyBudget } from '../../../src/http/body/body-budget.ts'

test('bytes fit up to the bound, and again once they are given back', () => {
  const take = createBodyBudget(10)
  const first = take(6)
  take(4)
  assert.throws(() => take(1), { code: 'QUEUE_FULL', retryAfterSeconds: 1 })
  first()
  first()
  take(6)
  assert.throws(() => take(1), { code: 'QUEUE_FULL' })
})
