import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRateLimits } from '../../../src/http/admission/rate-limits.ts'

const EVENING = Date.UTC(2026, 10, 30, 23, 59, 30)

test('requests beyond those of a minute are refused until there is room again', () => {
  let clock = 0
  const options = {
    requestsPerMinute: 60,
    requestsPerDay: 0,
    clock: () => clock,
    now: () => EVENING,
  }
  const count = createRateLimits(options)
  for (let i = 0; i < 60; i++) count('key a')
  assert.throws(() => count('key a'), {
    code: 'RATE_LIMITED',
    retryAfterSeconds: 1,
    message: /60 .*key a/,
  })
  count('key b')
  clock += 1000
  count('key a')
  assert.throws(() => count('key a'), { code: 'RATE_LIMITED' })
})

test('requests beyond those of a day are refused until midnight', () => {
  let now = EVENING
  const options = { requestsPerMinute: 0, requestsPerDay: 2, clock: () => 0, now: () => now }
  const count = createRateLimits(options)
  count('key a')
  count('key a')
  assert.throws(() => count('key a'), { code: 'QUOTA_EXCEEDED', retryAfterSeconds: 30 })
  count('key b')
  now = EVENING + 29_999
  assert.throws(() => count('key a'), { code: 'QUOTA_EXCEEDED', retryAfterSeconds: 1 })
  now = EVENING + 30_000
  count('key a')
})

test('without limits nothing is refused', () => {
  const options = { requestsPerMinute: 0, requestsPerDay: 0, clock: () => 0, now: () => EVENING }
  const count = createRateLimits(options)
  for (let i = 0; i < 10_000; i++) count('key a')
})
