import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idRanks } from '../../../../src/engine/embedded/pairs/id-ranks.ts'
import type { RowsOfMoment } from '../../../../src/engine/embedded/pairs/joined-rows.ts'
import { setBit, sharedBits } from '../../../../src/vector/bitset.ts'
import { seededRandom } from '../../../../src/vector/random.ts'

const SEED = 31
const ROWS = 5000

test('rows are ranked by their ids, and rows that are none of the moment are not looked at', async () => {
  const random = seededRandom(SEED)
  const ids = Array.from({ length: ROWS }, () => random())
  const kept = [...ids.keys()].filter(() => random() < 0.7)
  const allowed = sharedBits(ROWS)
  for (const row of kept) setBit(allowed, row)
  const known = new Set(kept)
  const compareIds = (a: number, b: number) => {
    // The id of any other may change while the sort leaves others their turn.
    assert.ok(known.has(a) && known.has(b), `seed ${SEED}: compared ${a} and ${b}`)
    return ids[a]! - ids[b]!
  }
  const moment = {
    rows: { slots: { compareIds } },
    view: { count: ROWS },
    allowed,
    count: kept.length,
  }
  const ranks = await idRanks(moment as unknown as RowsOfMoment, new AbortController().signal)
  const wanted = [...kept].sort((a, b) => ids[a]! - ids[b]!)
  assert.deepEqual(
    kept.sort((a, b) => ranks[a]! - ranks[b]!),
    wanted,
    `seed ${SEED}`,
  )
})
