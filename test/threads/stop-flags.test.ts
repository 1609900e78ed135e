import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STOPPED, StopFlags, stopSign } from '../../src/threads/stop-flags.ts'

test('a flag is raised by its own signal alone, and clean when it is given out again', () => {
  const flags = new StopFlags()
  const callers = [new AbortController(), new AbortController()] as const
  const followed = callers.map(({ signal }) => flags.follow(signal)!)
  const signs = followed.map(({ flag }) => stopSign(flags.words, flag))
  callers[0].abort()
  assert.deepEqual(
    signs.map(({ isSet }) => isSet),
    [true, false],
  )
  assert.throws(
    () => signs[0]!.check(),
    (error) => error === STOPPED,
  )
  signs[1]!.check()
  for (const { release } of followed) release()
  callers[1].abort()
  const again = Array.from({ length: 3 }, () => flags.follow(new AbortController().signal)!)
  for (const { flag } of again) assert.equal(stopSign(flags.words, flag).isSet, false)
})

test('a signal that has aborted raises its flag at once', () => {
  const flags = new StopFlags()
  const { flag } = flags.follow(AbortSignal.abort())!
  assert.equal(stopSign(flags.words, flag).isSet, true)
})

test('there is a flag for 4,096 calls at a time, and none for more', () => {
  const flags = new StopFlags()
  const { signal } = new AbortController()
  const followed = Array.from({ length: 4096 }, () => flags.follow(signal))
  assert.equal(new Set(followed.map((one) => one?.flag)).size, 4096)
  assert.equal(flags.follow(signal), null)
  followed[7]!.release()
  assert.equal(flags.follow(signal)?.flag, followed[7]!.flag)
})
