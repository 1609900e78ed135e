import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunkRows, RowShare, type RowsRange } from '../../../src/index/scan/row-share.ts'
import { sharedSearch } from '../../../src/index/scan/shared-search.ts'
import { seededRandom } from '../../../src/vector/random.ts'

const SEED = 17

test('each row is taken by one part, in whatever order they come, and stays with it', () => {
  const random = seededRandom(SEED)
  for (const [rows, parts] of [
    [1, 2],
    [32, 2],
    [2500, 3],
    [60_000, 2],
  ] as const) {
    const chunk = chunkRows(rows, parts)
    const shared = sharedSearch(2, { parts, k: 3, chunk })
    const range = { first: 0, end: rows }
    for (const query of [0, 1]) {
      const shares = Array.from(
        { length: parts },
        (_, part) => new RowShare(range, shared, part, query),
      )
      const taken = takenInTurns(shares, () => Math.floor(random() * parts))
      const what = `seed ${SEED}, ${rows} rows, ${parts} parts, query ${query}`
      const times = new Uint8Array(rows)
      for (const { first, end } of taken.flat()) {
        assert.equal(first % 32, 0, what)
        for (let row = first; row < end; row++) times[row]!++
      }
      assert.ok(
        times.every((count) => count === 1),
        what,
      )
      shares.forEach((share, i) => {
        assert.deepEqual([...share], taken[i], `${what}: gone through again`)
      })
    }
  }
})

test('without chunks a part has its range, whatever others take', () => {
  const shared = sharedSearch(1, { parts: 2, k: 1, chunk: null })
  for (const range of [
    { first: 0, end: 64 },
    { first: 64, end: 99 },
  ]) {
    const share = new RowShare(range, shared, 1, 0)
    assert.deepEqual([[...share], [...share]], [[range], [range]])
  }
})

/** Lists the ranges that each share takes, where `next` gives whose turn it is. */
function takenInTurns(shares: readonly RowShare[], next: () => number): RowsRange[][] {
  const turns = shares.map((share) => share[Symbol.iterator]())
  const taken = shares.map((): RowsRange[] => [])
  const open = new Set(turns.keys())
  while (open.size > 0) {
    const i = next()
    const { done, value } = turns[i]!.next()
    if (done === true) open.delete(i)
    else taken[i]!.push(value)
  }
  return taken
}
