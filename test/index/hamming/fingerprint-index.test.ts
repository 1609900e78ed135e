import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  FingerprintIndex,
  MAX_FINGERPRINT_RADIUS,
  parseFingerprint,
} from '../../../src/index/hamming/fingerprint-index.ts'
import { type Random, seededRandom } from '../../../src/vector/random.ts'
import { differentBits } from '../../support/different-bits.ts'

const SEED = 5

function randomFingerprint(random: Random): string {
  return Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join('')
}

function withFlips(fingerprint: string, flips: number, random: Random): string {
  let bits = BigInt(`0x${fingerprint}`)
  for (let i = 0; i < flips; i++) bits ^= 1n << BigInt(Math.floor(random() * 64))
  return bits.toString(16).padStart(16, '0')
}

function sorted(rows: Iterable<number>): number[] {
  return [...rows].sort((a, b) => a - b)
}

test('after any changes it finds what a comparison with every fingerprint finds', () => {
  const random = seededRandom(SEED)
  const index = new FingerprintIndex()
  const truth = new Map<number, string>()
  const centres = Array.from({ length: 6 }, () => randomFingerprint(random))
  for (let step = 0; step < 3000; step++) {
    const row = Math.floor(random() * 700)
    if (truth.has(row)) {
      index.remove(row)
      truth.delete(row)
      continue
    }
    const centre = centres[Math.floor(random() * centres.length)]!
    const fingerprint = withFlips(centre, Math.floor(random() * 20), random)
    index.add(row, parseFingerprint(fingerprint))
    truth.set(row, fingerprint)
  }
  assert.equal(index.count, truth.size)
  for (let i = 0; i < 200; i++) {
    const radius = i % (MAX_FINGERPRINT_RADIUS + 1)
    const centre = centres[i % centres.length]!
    const query = withFlips(centre, Math.floor(random() * 10), random)
    const expected = [...truth].filter(([, other]) => differentBits(query, other) <= radius)
    const found = index.within(parseFingerprint(query), radius, Number.POSITIVE_INFINITY)
    assert.deepEqual(
      sorted(found),
      sorted(expected.map(([row]) => row)),
      `seed ${SEED}, query ${query}, radius ${radius}`,
    )
  }
})

test('an index of none finds none, and forgets what it never had', () => {
  const index = new FingerprintIndex()
  index.remove(7)
  assert.deepEqual(index.within(parseFingerprint('0'.repeat(16)), 16, 10), [])
  assert.equal(index.memoryBytes, 0)
})

test('no more rows are given than wanted', () => {
  const index = new FingerprintIndex()
  const same = parseFingerprint('ffffffff00000000')
  for (let row = 0; row < 50; row++) index.add(row, same)
  assert.equal(index.within(same, 0, 20).length, 20)
  assert.equal(new Set(index.within(same, 16, 100)).size, 50)
})

test('rows of the same bits are near where no colour differs by more than 16, or colours are not known', () => {
  const index = new FingerprintIndex()
  const bits = 'ffffffff00000000'
  const colours = (last: number) => `${'80'.repeat(31)}${last.toString(16).padStart(2, '0')}`
  index.add(0, parseFingerprint(`${bits}${colours(100)}`))
  index.add(1, parseFingerprint(`${bits}${colours(116)}`))
  index.add(2, parseFingerprint(`${bits}${colours(117)}`))
  index.add(3, parseFingerprint(bits))
  const near = (row: number) => sorted(index.within(index.at(row), 0, 10))
  assert.deepEqual(near(0), [0, 1, 3])
  assert.deepEqual(near(1), [0, 1, 2, 3])
  assert.deepEqual(near(2), [1, 2, 3])
  assert.deepEqual(near(3), [0, 1, 2, 3])
  index.remove(0)
  index.add(0, parseFingerprint(bits))
  assert.deepEqual(near(0), [0, 1, 2, 3])
})
