import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IdleWork } from '../../../src/engine/embedded/idle-work.ts'
import { ManualTimers } from '../../support/manual-timers.ts'

/** Idle work under a clock that goes on only when told to; each piece takes `pieceMs` of it. */
function started(piece: (count: number, signal: AbortSignal) => Promise<boolean>, pieceMs = 0) {
  const timers = new ManualTimers()
  const state = { now: 0, idle: true, pieces: 0 }
  const idleWork = new IdleWork({
    timers,
    clock: () => state.now,
    idle: () => state.idle,
    work(signal) {
      state.now += pieceMs
      return piece(++state.pieces, signal)
    },
  })
  const pass = async (ms: number) => {
    state.now += ms
    timers.advance(ms)
    await new Promise(setImmediate)
  }
  return { idleWork, state, pass, timers }
}

test('work takes at most a fiftieth of the time', async () => {
  const { idleWork, state, pass } = started(async () => true, 20)
  const before = 10_000
  for (let ms = 0; ms < before; ms += 10) await pass(10)
  assert.ok(state.pieces >= 8, `${state.pieces} pieces`)
  assert.ok(state.pieces * 20 <= 0.02 * state.now, `${state.pieces} pieces in ${state.now} ms`)
  await idleWork.close()
})

test('nothing is done while the machine is needed, and soon after it is not', async () => {
  const { idleWork, state, pass } = started(async () => true)
  state.idle = false
  for (let i = 0; i < 100; i++) await pass(100)
  assert.equal(state.pieces, 0)
  state.idle = true
  await pass(100)
  assert.equal(state.pieces, 1)
  await idleWork.close()
})

test('with nothing to do, and after a failure, it rests a second and goes on', async () => {
  const { idleWork, state, pass } = started(async (count) => {
    if (count === 2) throw new Error('a thread has ended')
    return count > 2
  })
  for (const wanted of [1, 2, 3]) {
    await pass(999)
    assert.equal(state.pieces, wanted - 1)
    await pass(1)
    assert.equal(state.pieces, wanted)
  }
  await idleWork.close()
})

test('closing waits for the piece that has begun, and begins no other', async () => {
  let finish: (more: boolean) => void = () => undefined
  const { idleWork, state, pass, timers } = started(() => {
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  await pass(1000)
  let closed = false
  const closing = idleWork.close().then(() => {
    closed = true
  })
  await new Promise(setImmediate)
  assert.equal(closed, false)
  finish(true)
  await closing
  assert.equal(timers.running, 0)
  assert.equal(state.pieces, 1)
})

test('a piece ends when it is closed, and when it takes longer than little work may', async () => {
  const ended: string[] = []
  const endless = (count: number, signal: AbortSignal) => {
    return new Promise<boolean>((_, reject) => {
      signal.addEventListener('abort', () => {
        ended.push(`piece ${count}`)
        reject(new Error('stopped'))
      })
    })
  }
  const { idleWork, state, pass } = started(endless)
  await pass(1000)
  await pass(9999)
  assert.deepEqual([state.pieces, ended], [1, []])
  await pass(1)
  assert.deepEqual(ended, ['piece 1'])
  // It took ten seconds: then it rests for long, although it did nothing.
  await pass(400_000)
  assert.equal(state.pieces, 1)
  await pass(200_000)
  assert.equal(state.pieces, 2)
  await idleWork.close()
  assert.deepEqual(ended, ['piece 1', 'piece 2'])
})
