import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RowSlots } from '../../../../src/engine/embedded/rows/row-slots.ts'
import { seededRandom } from '../../../../src/vector/random.ts'

const SEEDS = [1, 2, 3]

function randomId(random: () => number): string {
  const letters = ['a', 'b', 'é', '猫', '\u{1f408}', '/', '\ufffd']
  const length = 1 + Math.floor(random() * 3)
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('')
}

for (const seed of SEEDS) {
  test(`ids and keys are found as in two maps, through any number of replacements: seed ${seed}`, () => {
    const random = seededRandom(seed)
    const slots = new RowSlots()
    const keyOfId = new Map<string, number>()
    let rows = 0
    for (let key = 1; key <= 30_000; key++) {
      const id = random() < 0.5 ? randomId(random) : `long${'-'.repeat(key % 400)}${key % 500}`
      const old = keyOfId.get(id)
      if (old !== undefined) slots.free(old)
      if (old !== undefined && random() < 0.5) {
        keyOfId.delete(id)
        continue
      }
      const row = slots.reusable() ?? rows++
      slots.occupy(row, key * 2 ** 20, id)
      keyOfId.set(id, key * 2 ** 20)
    }
    assert.equal(slots.count, keyOfId.size, `seed ${seed}`)
    for (const [id, key] of keyOfId) {
      const row = slots.rowOfId(id)
      assert.ok(row !== undefined, `seed ${seed}: ${id} is lost`)
      assert.deepEqual([slots.id(row), slots.key(row), slots.rowOfKey(key)], [id, key, row])
    }
    assert.equal(slots.rowOfKey(2 ** 52), undefined)
  })
}

test('text that is no id is found as none', () => {
  const slots = new RowSlots()
  slots.occupy(0, 1, '\ufffd')
  assert.equal(slots.rowOfId('\ufffd'), 0)
  assert.equal(slots.rowOfId('\ud800'), undefined, 'half a pair is written as U+FFFD')
  assert.equal(slots.rowOfId('x'.repeat(600)), undefined)
  assert.equal(slots.rowOfId(''), undefined)
})
