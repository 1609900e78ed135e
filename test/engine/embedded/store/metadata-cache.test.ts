import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openForReading, openForWriting } from '../../../../src/engine/embedded/store/database.ts'
import {
  MetadataCache,
  type MetadataCacheLimits,
} from '../../../../src/engine/embedded/store/metadata-cache.ts'
import { WriteOperations } from '../../../../src/engine/embedded/store/write-operations.ts'
import { parseFilter } from '../../../../src/engine/filter.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { sampleSpec, vectorOf } from '../../../support/sample-records.ts'

const AT = '2026-01-01T00:00:00.000Z'
const STEPS = 400
const COLLECTIONS = 3
const IDS = 40

interface Live {
  readonly key: number
  readonly n: number
}

/** Random changes, mirrored in plain maps that are asked the same questions as the cache. */
function compareWithPlainMaps(
  path: string,
  seed: number,
  limits: Partial<MetadataCacheLimits>,
  loseTombstones: boolean,
): void {
  const random = seededRandom(seed)
  const draw = (below: number) => Math.floor(random() * below)
  const writing = openForWriting(path)
  const operations = new WriteOperations(writing)
  const reading = openForReading(path)
  const cache = new MetadataCache(reading, limits)
  const collections = Array.from({ length: COLLECTIONS }, (_, i) => ({
    key: operations.createCollection({ spec: sampleSpec({ name: `c${i}` }), at: AT }).key,
    live: new Map<string, Live>(),
  }))
  let asked = 0
  for (let step = 0; step < STEPS; step++) {
    const { key: collection, live } = collections[draw(COLLECTIONS)]!
    const id = `id-${draw(IDS)}`
    const n = draw(10)
    const chance = random()
    if (chance < 0.5) {
      const record = { id, vector: vectorOf(id), image: null, content: null }
      const metadata = JSON.stringify({ n })
      const { key } = operations.put({ collection, record: { ...record, metadata }, at: AT })
      live.set(id, { key, n })
    } else if (chance < 0.65) {
      operations.patchMetadata({ collection, id, patch: JSON.stringify({ n }), at: AT })
      const before = live.get(id)
      if (before !== undefined) live.set(id, { ...before, n })
    } else if (chance < 0.8) {
      const before = live.get(id)
      if (before !== undefined) operations.deleteKeys({ collection, keys: [before.key] })
      live.delete(id)
    } else {
      const found = cache.matching(collection, parseFilter({ n: { $gte: n } }))
      const expected = [...live.values()].filter((record) => record.n >= n)
      assert.deepEqual(
        found.toSorted(),
        Float64Array.from(expected, (record) => record.key).sort(),
        `seed ${seed}, step ${step}`,
      )
      asked++
    }
    operations.stampSeq()
    if (loseTombstones) writing.exec('DELETE FROM tombstones')
  }
  assert.ok(asked > 20, `seed ${seed}`)
  reading.close()
  writing.close()
}

for (const { words, limits = {}, loseTombstones = false } of [
  { words: 'within its bounds' },
  { words: 'when tombstones are gone', loseTombstones: true },
  { words: 'when only one collection fits', limits: { maxRecords: IDS } },
  { words: 'when no collection fits', limits: { maxRecords: 1 } },
  { words: 'when few bytes fit', limits: { maxBytes: 200 } },
]) {
  test(`filters match the same records as plain maps do, ${words}`, async () => {
    for (const seed of [1, 2, 3]) {
      await inTemporaryFolder(async (folder) => {
        compareWithPlainMaps(join(folder, 'x.sqlite'), seed, limits, loseTombstones)
      })
    }
  })
}
