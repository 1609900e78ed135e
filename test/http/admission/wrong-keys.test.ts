import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WrongKeyError, WrongKeys } from '../../../src/http/admission/wrong-keys.ts'

const address = '192.0.2.7'
const refused = { code: 'RATE_LIMITED', retryAfterSeconds: 6 }

/** The milliseconds after which a wrong key is answered. */
function guess(wrongKeys: WrongKeys, from = address): number {
  const refusal = wrongKeys.refusal(from)
  if (refusal instanceof WrongKeyError) return Math.round(refusal.afterMs)
  throw refusal
}

test('30 wrong keys are answered at once, then five a second, each address by itself', () => {
  let now = 0
  const wrongKeys = new WrongKeys(() => now)
  for (let i = 0; i < 30; i++) assert.equal(guess(wrongKeys), 0)
  assert.deepEqual([guess(wrongKeys), guess(wrongKeys), guess(wrongKeys)], [200, 400, 600])
  assert.equal(guess(wrongKeys, '192.0.2.8'), 0)
  now = 1000
  assert.equal(guess(wrongKeys), 0)
  assert.equal(guess(wrongKeys), 0)
  assert.equal(guess(wrongKeys), 200)
})

test('where too many wait, keys of that address are refused, right or wrong, until there is room', () => {
  let now = 0
  const wrongKeys = new WrongKeys(() => now)
  wrongKeys.letPass(address, 'shop')
  for (let i = 0; i < 30 + 25; i++) guess(wrongKeys)
  assert.throws(() => guess(wrongKeys), refused)
  assert.throws(() => wrongKeys.letPass(address, 'other'), refused)
  wrongKeys.letPass('192.0.2.8', 'other')
  // What has worked from there before still does.
  wrongKeys.letPass(address, 'shop')
  now = 200
  wrongKeys.letPass(address, 'other')
  assert.equal(guess(wrongKeys), 5000)
})

test('right keys take no room', () => {
  const wrongKeys = new WrongKeys(() => 0)
  for (let i = 0; i < 1000; i++) wrongKeys.letPass(address, 'shop')
  assert.equal(guess(wrongKeys), 0)
})
