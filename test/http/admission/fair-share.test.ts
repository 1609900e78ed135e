import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairShare } from '../../../src/http/admission/fair-share.ts'
import { seededRandom } from '../../../src/vector/random.ts'

test('callers that take all they get share alike, and leave as much', () => {
  for (const callers of [1, 2, 3, 7, 99]) {
    const total = 1000 * (callers + 1)
    const share = new FairShare(total)
    const names = Array.from({ length: callers }, (_, i) => `caller ${i}`)
    const held = new Map(names.map((name) => [name, 0]))
    let taken = true
    while (taken) {
      taken = false
      for (const name of names) {
        if (!share.take(name, 1)) continue
        held.set(name, held.get(name)! + 1)
        taken = true
      }
    }
    assert.deepEqual(new Set(held.values()), new Set([1000]))
    assert.equal(share.held, 1000 * callers)
    assert.ok(share.take('new', 1))
  }
})

test('nobody ever holds more than is left, and what is given back is there again', () => {
  const seed = 20_261_130
  const random = seededRandom(seed)
  const total = 1000
  const share = new FairShare(total)
  const held = new Map<string, number[]>()
  const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0)
  for (let step = 0; step < 20_000; step++) {
    const name = `caller ${Math.floor(random() * 6)}`
    const own = held.get(name) ?? []
    held.set(name, own)
    if (random() < 0.45 && own.length > 0) share.give(name, own.pop()!)
    else {
      const amount = 1 + Math.floor(random() * 200)
      const all = sum([...held.values()].flat())
      const fits = sum(own) + amount <= total - all - amount
      assert.equal(share.take(name, amount), fits, `seed ${seed}, step ${step}`)
      if (fits) own.push(amount)
    }
    assert.equal(share.held, sum([...held.values()].flat()))
  }
})
