import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyMemory } from '../../../src/http/body/body-memory.ts'
import { GatheredBytes } from '../../../src/http/body/gathered-bytes.ts'
import { ownsMemory } from '../../../src/threads/own-memory.ts'
import { seededRandom } from '../../../src/vector/random.ts'

const SEED = 5

/** Cuts bytes into pieces of random lengths. */
function pieces(bytes: Buffer, random: () => number): Buffer[] {
  const cut: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(random() * (bytes.length - at) * random())
    cut.push(Buffer.from(bytes.subarray(at, end)))
    at = end
  }
  return cut
}

test('bytes come out as they came in, in memory of their own, whatever the pieces and announced or not', () => {
  const random = seededRandom(SEED)
  for (let i = 0; i < 500; i++) {
    const length = 2 + Math.floor(random() * 2000)
    const bytes = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
    for (const announced of [length, Number.POSITIVE_INFINITY]) {
      const gathered = new GatheredBytes(announced)
      const cut = pieces(bytes, random)
      for (const piece of cut) gathered.add(piece)
      const all = gathered.all()
      assert.ok(all.equals(bytes), `seed ${SEED}, ${length} bytes, announced ${announced}`)
      assert.ok(cut.length === 1 || ownsMemory(all), `seed ${SEED}, in ${cut.length} pieces`)
    }
  }
})

test('a body of one piece is that piece, uncopied, and one without a byte is empty', () => {
  for (const announced of [3, Number.POSITIVE_INFINITY]) {
    const piece = Buffer.from([1, 2, 3])
    const gathered = new GatheredBytes(announced)
    gathered.add(piece)
    assert.equal(gathered.all(), piece)
    assert.equal(new GatheredBytes(announced).all().length, 0)
  }
})

test('a large body that is announced takes no memory before an eighth of it has come', () => {
  const announced = 2 ** 40
  const gathered = new GatheredBytes(announced)
  for (let i = 0; i < 100; i++) gathered.add(Buffer.alloc(1000, i))
  // Memory for all of it could not be had.
  assert.equal(gathered.all().buffer.byteLength, 100_000)
})

test('bytes beyond those announced are refused', () => {
  const gathered = new GatheredBytes(10)
  gathered.add(Buffer.alloc(6))
  assert.throws(() => gathered.add(Buffer.alloc(5)), /expected 10 bytes .*, got 11/)
})

test('memory is lent to a body that is announced and comes in pieces, once an eighth is there', () => {
  const memory = new BodyMemory(8192)
  const gathered = new GatheredBytes(8000, (bytes) => memory.lend(bytes))
  for (let i = 0; i < 16; i++) {
    gathered.add(Buffer.alloc(500, i))
    assert.equal(gathered.loan !== null, i >= 1)
  }
  const all = gathered.all()
  assert.deepEqual([all.length, all[499], all[500], all[7999]], [8000, 0, 1, 15])
  assert.equal(all.buffer, gathered.loan!.bytes.buffer)
  // There is none left: the next body has memory of its own.
  const next = new GatheredBytes(1000, (bytes) => memory.lend(bytes))
  next.add(Buffer.alloc(500))
  next.add(Buffer.alloc(500))
  assert.equal(next.loan, null)
  assert.ok(ownsMemory(next.all()))
})
