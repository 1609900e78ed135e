import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBodyBudget } from '../../../src/http/body/body-budget.ts'

const SMALL = 64 * 1024
const TOTAL = 80 * SMALL

test('one caller holds half of what large bodies have, and again once it is given back', () => {
  const hold = createBodyBudget(TOTAL)
  const first = hold('a')
  first.take(35 * SMALL)
  assert.throws(() => hold('a').take(SMALL + 1), { code: 'QUEUE_FULL', retryAfterSeconds: 1 })
  first.release()
  first.release()
  hold('a').take(35 * SMALL)
  assert.throws(() => hold('a').take(SMALL + 1), { code: 'QUEUE_FULL' })
})

test('another caller finds room beside one that holds all it may', () => {
  const hold = createBodyBudget(TOTAL)
  hold('a').take(35 * SMALL)
  hold('b').take(17 * SMALL)
  hold('c').take(8 * SMALL)
  assert.throws(() => hold('c').take(2 * SMALL), { code: 'QUEUE_FULL' })
})

test('bytes are counted as they come, and a body that was refused keeps what it has', () => {
  const hold = createBodyBudget(TOTAL)
  const one = hold('a')
  for (let i = 0; i < 35; i++) one.take(SMALL)
  assert.throws(() => one.take(1), { code: 'QUEUE_FULL' })
  one.release()
  hold('a').take(35 * SMALL)
})

test('small bodies have a reserve that large ones do not use', () => {
  const hold = createBodyBudget(TOTAL)
  for (const caller of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
    const body = hold(caller)
    assert.throws(() => {
      for (;;) body.take(100)
    })
  }
  const small = hold('i')
  small.take(SMALL)
  assert.throws(() => small.take(8 * SMALL), { code: 'QUEUE_FULL' })
})

test('one caller holds half of the reserve, then goes beside large bodies', () => {
  const hold = createBodyBudget(TOTAL)
  for (let i = 0; i < 5 + 35; i++) hold('a').take(SMALL)
  assert.throws(() => hold('a').take(SMALL), { code: 'QUEUE_FULL' })
  hold('b').take(SMALL)
})

test('what comes after the release is not counted', () => {
  const hold = createBodyBudget(TOTAL)
  const late = hold('a')
  late.release()
  late.take(TOTAL)
  hold('a').take(35 * SMALL)
})
