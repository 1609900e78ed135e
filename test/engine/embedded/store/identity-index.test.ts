import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openForReading, openForWriting } from '../../../../src/engine/embedded/store/database.ts'
import { IdentityIndex } from '../../../../src/engine/embedded/store/identity-index.ts'
import { WriteOperations } from '../../../../src/engine/embedded/store/write-operations.ts'
import { NEVER_STOPPED } from '../../../../src/threads/stop-flags.ts'
import { Turns } from '../../../../src/threads/turns.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { sampleSpec, vectorOf } from '../../../support/sample-records.ts'

const AT = '2026-01-01T00:00:00.000Z'
const SEED = 1873
const STEPS = 300

test('identities are those of a plain map, also after so many changes that tombstones are dropped', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'index.sqlite')
    const random = seededRandom(SEED)
    const draw = (below: number) => Math.floor(random() * below)
    const writing = openForWriting(path)
    let operations = new WriteOperations(writing)
    const reading = openForReading(path)
    const turns = new Turns()
    const index = new IdentityIndex(reading)
    const { key: collection } = operations.createCollection({ spec: sampleSpec(), at: AT })
    const live = new Map<string, { key: number; person: number }>()
    let dropped = 0
    let asked = 0
    for (let step = 0; step < STEPS; step++) {
      const id = `id-${draw(40)}`
      const person = draw(8)
      const chance = random()
      const before = live.get(id)
      if (chance < 0.5) {
        const record = { id, vector: vectorOf(id), image: null, content: null }
        const metadata = JSON.stringify({ person })
        const { key } = operations.put({ collection, record: { ...record, metadata }, at: AT })
        live.set(id, { key, person })
      } else if (chance < 0.65 && before !== undefined) {
        operations.patchMetadata({ collection, id, patch: JSON.stringify({ person }), at: AT })
        live.set(id, { ...before, person })
      } else if (chance < 0.8 && before !== undefined) {
        operations.deleteKeys({ collection, keys: [before.key] })
        live.delete(id)
      } else if (chance < 0.85) {
        // As after 200,000 changes of other collections.
        operations.stampSeq()
        writing.exec('UPDATE state SET seq = seq + 200000; DELETE FROM tombstones')
        operations = new WriteOperations(writing)
        dropped++
      }
      operations.stampSeq()
      if (step % 3 > 0) continue
      asked++
      const indexed = await index.of(collection, 'person', turns.begin(NEVER_STOPPED))
      const where = `seed ${SEED}, step ${step}`
      assert.equal(indexed.records, live.size, where)
      for (let who = 0; who < 8; who++) {
        const keys = [...live.values()].filter((one) => one.person === who).map(({ key }) => key)
        assert.deepEqual(new Set(indexed.keysOf(who, 99)), new Set(keys), where)
        assert.equal(indexed.sizeOf(who), keys.length)
      }
    }
    assert.ok(asked > 50 && dropped > 0)
    reading.close()
    writing.close()
  })
})
