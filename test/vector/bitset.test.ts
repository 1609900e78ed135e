import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bitCount,
  clearBit,
  countBits,
  firstBits,
  hasBit,
  lowestBit,
  setBit,
  sharedBits,
} from '../../src/vector/bitset.ts'
import { seededRandom } from '../../src/vector/random.ts'

const SEED = 31

test('bits hold what a set of numbers holds', () => {
  const random = seededRandom(SEED)
  const size = 77
  const bits = sharedBits(size)
  const wanted = new Set<number>()
  for (let turn = 0; turn < 500; turn++) {
    const i = Math.floor(random() * size)
    if (random() < 0.5) {
      setBit(bits, i)
      wanted.add(i)
    } else {
      clearBit(bits, i)
      wanted.delete(i)
    }
    assert.equal(countBits(bits), wanted.size, `seed ${SEED}, turn ${turn}`)
  }
  for (let i = 0; i < 96; i++) assert.equal(hasBit(bits, i), wanted.has(i), `seed ${SEED}, ${i}`)
})

test('the first bits are set, and none beyond', () => {
  for (const count of [0, 1, 31, 32, 33, 64, 95]) {
    const bits = firstBits(count)
    assert.equal(bits.length, Math.ceil(count / 32))
    assert.equal(countBits(bits), count)
    assert.ok(count === 0 || hasBit(bits, count - 1))
  }
})

test('words are counted and their lowest bit is found, the sign bit too', () => {
  assert.deepEqual([0, 1, 0x80000000, -1, 0b10110].map(bitCount), [0, 1, 1, 32, 3])
  assert.deepEqual([1, 0x80000000, -1, 0b10100].map(lowestBit), [0, 31, 0, 2])
})
