import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIds } from '../../../../src/engine/collection-spec.ts'
import { RowSlots } from '../../../../src/engine/embedded/rows/row-slots.ts'
import { hitsOf } from '../../../../src/engine/embedded/search/hits.ts'
import { seededRandom } from '../../../../src/vector/random.ts'

const SEED = 11
const ROWS = 3000

test('among very many ties the hits are those of a plain sort, from any place on', () => {
  const random = seededRandom(SEED)
  const slots = new RowSlots()
  const letters = ['a', 'b', 'é', '𝔞', '﷐', '/']
  const ids = new Set<string>()
  while (ids.size < ROWS) {
    const length = 1 + Math.floor(random() * 8)
    ids.add(Array.from({ length }, () => letters[Math.floor(random() * 6)]!).join(''))
  }
  for (const [row, id] of [...ids].entries()) slots.occupy(row, row + 1, id)
  const rows = Uint32Array.from({ length: ROWS }, (_, row) => row)
  for (const values of [1, 3, 1000]) {
    const distances = Float64Array.from(rows, () => Math.floor(random() * values) / 4)
    const all = [...ids]
      .map((id, row) => ({ key: row + 1, id, distance: distances[row]! }))
      .sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
    const answer = { rows, distances, levels: [] }
    for (const k of [1, 10, 700, 2000, Number.POSITIVE_INFINITY]) {
      for (const place of [null, 0, 17, 1400, ROWS - 1]) {
        const after = place === null ? null : all[place]!
        const first = place === null ? 0 : place + 1
        const wanted = all.slice(first, first + k)
        const what = `seed ${SEED}, ${values} values, k ${k}, after ${place}`
        assert.deepEqual(hitsOf(slots, answer, { after, k }), wanted, what)
      }
    }
  }
})
