import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEVER_STOPPED, STOPPED, type StopSign } from '../../src/threads/stop-flags.ts'
import { Turns } from '../../src/threads/turns.ts'

/** Turns under a clock on which every look takes a millisecond: a slice is four looks. */
function ticking(): Turns {
  let now = 0
  return new Turns(() => now++)
}

/** A sign that is set at a slice's end. @param after the slices that it lets pass. */
function setAfter(after: number): StopSign & { readonly looks: () => number } {
  let looks = 0
  return {
    isSet: false,
    looks: () => looks,
    check() {
      if (++looks > after) throw STOPPED
    },
  }
}

/** Work of so many steps, each a look at the clock. @returns the steps that were done when it ended. */
async function work(turns: Turns, steps: number, stop: StopSign = NEVER_STOPPED): Promise<number> {
  const slices = turns.begin(stop)
  let done = 0
  try {
    while (done < steps) {
      done++
      if (slices.spend(256)) await slices.next()
    }
  } catch (error) {
    assert.equal(error, STOPPED)
  }
  return done
}

test('work that is stopped ends with its slice', async () => {
  const whole = setAfter(Number.POSITIVE_INFINITY)
  assert.equal(await work(ticking(), 400, whole), 400)
  assert.ok(whole.looks() >= 100, `${whole.looks()} slices`)
  const stopped = setAfter(3)
  assert.ok((await work(ticking(), 400, stopped)) <= 20)
  assert.equal(stopped.looks(), 4)
})

test('works that are stopped end with one slice of another, however many wait', async () => {
  const turns = ticking()
  const sign = { isSet: false, check: () => assert.equal(sign.isSet, false) }
  const going = { isSet: false, check: () => assert.equal(going.isSet, false) }
  let slices = 0
  const forEver = async (stop: StopSign) => {
    const own = turns.begin(stop)
    for (;;) {
      if (!own.spend(256)) continue
      slices++
      await own.next()
    }
  }
  const goOn: Promise<never>[] = []
  const toEnd: Promise<never>[] = []
  for (let i = 0; i < 50; i++) {
    goOn.push(forEver(going))
    toEnd.push(forEver(sign))
  }
  const allEnd = Promise.allSettled(goOn)
  const stopped = Promise.allSettled(toEnd)
  await new Promise(setImmediate)
  sign.isSet = true
  const before = slices
  await stopped
  assert.ok(slices - before <= 2, `${slices - before} slices`)
  going.isSet = true
  await allEnd
})

test('a short piece of work is done while long ones, begun before it, are under way', async () => {
  const turns = ticking()
  const order: string[] = []
  const long = Array.from({ length: 20 }, async (_, i) => {
    await work(turns, 500)
    order.push(`long ${i}`)
  })
  await new Promise(setImmediate)
  await work(turns, 3)
  order.push('short')
  await Promise.all(long)
  assert.equal(order[0], 'short')
})

test('long pieces of work take turns, so that none waits for the end of another', async () => {
  const turns = ticking()
  const slices: number[] = []
  const piece = async (name: number) => {
    const own = turns.begin(NEVER_STOPPED)
    for (let step = 0; step < 40; step++) {
      if (!own.spend(256)) continue
      slices.push(name)
      await own.next()
    }
  }
  await Promise.all([piece(0), piece(1), piece(2)])
  const rounds = slices.slice(0, 9)
  assert.deepEqual(rounds, [0, 1, 2, 0, 1, 2, 0, 1, 2])
})

test('the loop comes round between two slices', async () => {
  const turns = ticking()
  let messages = 0
  const message = () => {
    messages++
    if (messages < 1000) setTimeout(message, 0)
  }
  message()
  await work(turns, 2000)
  assert.ok(messages > 1, `${messages} came between`)
})

test('what costs little is done without a look at the clock', async () => {
  let looks = 0
  const turns = new Turns(() => looks++)
  const slices = turns.begin(NEVER_STOPPED)
  for (let step = 0; step < 255; step++) assert.equal(slices.spend(1), false)
  assert.equal(looks, 1)
  slices.spend(1)
  assert.equal(looks, 2)
})
