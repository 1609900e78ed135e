import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collapseAdvice } from '../../../src/learning/heads/collapse.ts'

test('distances that fall to a tenth are a collapse, reported with the numbers and with advice', () => {
  assert.equal(collapseAdvice(3, 1.2, 1.2), null)
  assert.equal(collapseAdvice(2, 0.13, 1.2), null)
  const advice = collapseAdvice(0.6874, 0.11, 1.2)
  assert.match(advice ?? '', /collapsed.* 1\.200 to 0\.110.*loss at 0\.687.*try fewer steps/)
})

test('a loss that is no number is named', () => {
  assert.match(collapseAdvice(Number.NaN, 1, 1) ?? '', /the loss became NaN: try /)
})
