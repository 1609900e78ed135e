import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FingerprintOrder } from '../../../../src/engine/embedded/search/incremental-order.ts'
import { firstBits } from '../../../../src/vector/bitset.ts'
import { seededRandom } from '../../../../src/vector/random.ts'

const SEED = 44

/** The bits of each of these rows, some of which have no fingerprint. */
function drawnBits(rows: number): readonly number[] {
  const random = seededRandom(SEED)
  return Array.from({ length: rows }, () => {
    return random() < 0.2 ? Number.POSITIVE_INFINITY : Math.floor(65 * random())
  })
}

test('fingerprints are read by their bits, ties together, until none is left', async () => {
  for (const [rows, step] of [
    [20_000, 1],
    [20_000, 700],
    [70, 3],
    [0, 1],
  ] as const) {
    const bits = drawnBits(rows)
    const order = await FingerprintOrder.of(firstBits(rows), (row) => bits[row]!)
    const wanted = bits
      .map((_, row) => row)
      .filter((row) => Number.isFinite(bits[row]))
      .sort((a, b) => bits[a]! - bits[b]! || a - b)
    const read: number[] = []
    do {
      const more = await order.next(step)
      read.push(...more)
      const what = `seed ${SEED}, ${rows} rows, ${read.length} read`
      assert.equal(order.read, read.length, what)
      const left = wanted.slice(read.length)
      if (order.reached === Number.POSITIVE_INFINITY) assert.equal(left.length, 0, what)
      else {
        assert.equal(order.reached, bits[read.at(-1)!], what)
        assert.ok(bits[left[0]!]! > order.reached, what)
      }
    } while (order.reached < Number.POSITIVE_INFINITY)
    assert.deepEqual(read, wanted, `seed ${SEED}, ${rows} rows`)
  }
})

test('putting many fingerprints in order lets other work have its turn', async () => {
  const bits = drawnBits(200_000)
  let turns = 0
  let isDone = false
  const count = () => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  await FingerprintOrder.of(firstBits(bits.length), (row) => bits[row]!)
  isDone = true
  assert.ok(turns > 30, `${turns} turns`)
})

test('putting fingerprints in order ends when nobody waits for it', async () => {
  const controller = new AbortController()
  let looked = 0
  const bitsOf = () => {
    if (++looked === 10_000) controller.abort(new Error('gone'))
    return 3
  }
  const order = FingerprintOrder.of(firstBits(200_000), bitsOf, controller.signal)
  await assert.rejects(order, /gone/)
  assert.ok(looked < 40_000, `${looked} rows`)
})
