import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyMemory, type Loan } from '../../../src/http/body/body-memory.ts'
import { seededRandom } from '../../../src/vector/random.ts'

const SEED = 7
const MIB = 2 ** 20

test('loans never overlap, in any order of lending and giving back', () => {
  const random = seededRandom(SEED)
  const memory = new BodyMemory(MIB)
  const lent: { loan: Loan; mark: number }[] = []
  let refused = 0
  for (let i = 0; i < 3000; i++) {
    const gives = lent.length > 0 && random() < 0.5
    if (gives) {
      const [{ loan, mark }] = lent.splice(Math.floor(random() * lent.length), 1) as [
        (typeof lent)[0],
      ]
      assert.ok(
        loan.bytes.every((byte) => byte === mark),
        `seed ${SEED}, step ${i}`,
      )
      loan.giveBack()
    } else {
      const bytes = 1 + Math.floor(random() ** 3 * MIB)
      const loan = memory.lend(bytes)
      if (loan === null) refused++
      else {
        assert.equal(loan.bytes.length, bytes)
        lent.push({ loan, mark: i % 251 })
        loan.bytes.fill(i % 251)
      }
    }
  }
  assert.ok(refused > 0)
  for (const { loan } of lent) loan.giveBack()
  assert.notEqual(memory.lend(MIB), null)
  assert.equal(memory.lend(1), null)
})

test('memory that was given back twice is lent once', () => {
  const memory = new BodyMemory(MIB)
  const first = memory.lend(MIB)!
  first.giveBack()
  const second = memory.lend(MIB)!
  first.giveBack()
  assert.equal(memory.lend(1), null)
  second.giveBack()
  assert.notEqual(memory.lend(MIB), null)
})

test('a body that does not fit is lent nothing, and the lowest place that fits is taken', () => {
  const memory = new BodyMemory(MIB)
  assert.equal(memory.lend(MIB + 1), null)
  const [low, high] = [memory.lend(MIB / 2)!, memory.lend(MIB / 4)!]
  low.giveBack()
  assert.equal(memory.lend(1)!.bytes.byteOffset, low.bytes.byteOffset)
  assert.equal(memory.lend(MIB / 2), null)
  high.giveBack()
  assert.notEqual(memory.lend(MIB / 2), null)
})

test('where the system has no memory nothing is lent', () => {
  const memory = new BodyMemory(Number.MAX_SAFE_INTEGER)
  assert.equal(memory.lend(1), null)
})
