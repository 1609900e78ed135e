import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EmbeddedEngine } from '../../../src/engine/embedded/embedded-engine.ts'
import type { NewRecord } from '../../../src/engine/record.ts'
import { type Random, seededRandom } from '../../../src/vector/random.ts'
import { bytesOnDisk, untilNowhere } from '../../support/bytes-on-disk.ts'
import { inTemporaryFolder } from '../../support/in-temporary-folder.ts'
import { openEngine } from '../../support/open-engine.ts'
import { SAMPLE_IMAGE, sampleSpec } from '../../support/sample-records.ts'

const SEED = 31
const DIMENSIONS = 64

/** A record whose every part can be told from all others. */
function tellingRecord(random: Random, i: number, contentBytes = 9000): NewRecord {
  const bytes = Uint8Array.from({ length: contentBytes }, () => random() * 256)
  return {
    id: `person-${i}-${random()}`,
    vector: Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5),
    metadata: { name: `name-${i}-${random()}` },
    image: SAMPLE_IMAGE,
    content: { mediaType: 'image/jpeg', bytes },
  }
}

/** What of a record could be found again. The picture is looked for at its start, in its middle and at its end. */
function tracesOf({ id, vector, metadata, content }: NewRecord): Record<string, Uint8Array> {
  const { bytes } = content!
  return {
    id: Buffer.from(id),
    metadata: Buffer.from(String(metadata.name)),
    vector: new Uint8Array(vector.buffer).subarray(0, 32),
    'start of the picture': bytes.subarray(0, 32),
    'middle of the picture': bytes.subarray(bytes.length >> 1, (bytes.length >> 1) + 32),
    'end of the picture': bytes.subarray(-32),
  }
}

function assertNowhere(folder: string, records: readonly NewRecord[], when: string): void {
  const there = bytesOnDisk(folder)
  for (const record of records) {
    for (const [name, bytes] of Object.entries(tracesOf(record))) {
      const found = there.includes(Buffer.from(bytes))
      assert.equal(found, false, `seed ${SEED}: the ${name} of a record ${when}`)
    }
  }
}

async function filled(engine: EmbeddedEngine, records: readonly NewRecord[], name = 'faces') {
  const { collection } = await engine.create(sampleSpec({ name, dimensions: DIMENSIONS }))
  await Promise.all(records.map((record) => collection.put(record)))
  return collection
}

test('soon after records are deleted no file has a byte of them, and all of the others', async () => {
  await inTemporaryFolder(async (folder) => {
    const random = seededRandom(SEED)
    const records = Array.from({ length: 200 }, (_, i) => tellingRecord(random, i))
    const engine = await openEngine(folder)
    try {
      const collection = await filled(engine, records)
      const kept = records.filter((_, i) => i % 10 === 0)
      const gone = records.filter((_, i) => i % 10 > 0)
      const before = bytesOnDisk(folder)
      for (const bytes of Object.values(tracesOf(gone[0]!))) {
        assert.ok(before.includes(Buffer.from(bytes)), 'a look finds what is there')
      }
      await collection.delete({ ids: gone.map(({ id }) => id) })
      await untilNowhere(folder, tracesOf(gone.at(-1)!))
      assertNowhere(folder, gone, 'that was deleted')
      for (const { id, content } of kept) {
        assert.deepEqual((await collection.content(id))?.bytes, content!.bytes)
      }
    } finally {
      await engine.close()
    }
  })
})

test('soon after a record is replaced, or its metadata changed, no file has what it was before', async () => {
  await inTemporaryFolder(async (folder) => {
    const random = seededRandom(SEED)
    const [first, second, next] = [0, 1, 2].map((i) => tellingRecord(random, i))
    const engine = await openEngine(folder)
    try {
      const collection = await filled(engine, [first!, second!])
      await collection.put({ ...next!, id: first!.id })
      await collection.patch(second!.id, { name: 'another' })
      const { id: _, ...replaced } = tracesOf(first!)
      const before = { ...replaced, name: tracesOf(second!).metadata! }
      await untilNowhere(folder, before)
    } finally {
      await engine.close()
    }
  })
})

test('a dropped collection is nowhere once the service has stopped', async () => {
  await inTemporaryFolder(async (folder) => {
    const random = seededRandom(SEED)
    const records = Array.from({ length: 400 }, (_, i) => tellingRecord(random, i))
    const engine = await openEngine(folder)
    await filled(engine, records)
    await filled(engine, [tellingRecord(random, 9999)], 'other')
    await engine.drop('faces')
    await engine.close()
    assertNowhere(folder, records, 'of a dropped collection')
  })
})

test('a deletion of much content is done in steps, and completely', async () => {
  await inTemporaryFolder(async (folder) => {
    const random = seededRandom(SEED)
    const records = Array.from({ length: 7 }, (_, i) => tellingRecord(random, i, 3_000_000))
    const engine = await openEngine(folder)
    try {
      const collection = await filled(engine, records)
      assert.equal(await collection.delete({ ids: records.map(({ id }) => id) }), 7)
      assert.equal(collection.size, 0)
      await untilNowhere(folder, tracesOf(records[6]!))
      assertNowhere(folder, records, 'that was deleted')
    } finally {
      await engine.close()
    }
  })
})
