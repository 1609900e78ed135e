import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExpirySweep, SWEEP_EVERY_MS } from '../../../src/engine/embedded/expiry-sweep.ts'
import { bytesOnDisk, untilNowhere } from '../../support/bytes-on-disk.ts'
import { inTemporaryFolder } from '../../support/in-temporary-folder.ts'
import { ManualTimers } from '../../support/manual-timers.ts'
import { openEngine } from '../../support/open-engine.ts'
import { sampleRecord, sampleSpec } from '../../support/sample-records.ts'

const START = Date.parse('2030-01-01T00:00:00Z')
const { signal } = new AbortController()

test('what has expired is deleted from every file, in batches, and nothing else', async () => {
  await inTemporaryFolder(async (folder) => {
    let time = START
    const engine = await openEngine(folder, 10_000, () => new Date(time))
    try {
      await engine.loaded
      const { collection } = await engine.create(sampleSpec())
      const { collection: other } = await engine.create(sampleSpec({ name: 'other' }))
      const put = (id: string, expiresAt: number | null) =>
        collection.put(sampleRecord(id, { expiresAt, metadata: { secret: `secret of ${id}` } }))
      for (let i = 0; i < 300; i++) await put(`soon-${i}`, START + 1000 + i)
      await put('late', START + 60_000)
      await put('never', null)
      // A replaced record has the time of its last write.
      await put('replaced', START + 1000)
      await put('replaced', null)
      await other.put(sampleRecord('elsewhere', { expiresAt: START + 1000 }))
      assert.equal(
        (await collection.get('late', { vector: false }))!.expiresAt,
        '2030-01-01T00:01:00.000Z',
      )
      assert.equal('expiresAt' in (await collection.get('never', { vector: false }))!, false)

      time = START + 999
      assert.equal(await engine.deleteExpired(signal), false)
      assert.deepEqual([collection.size, other.size], [303, 1])
      time = START + 1299
      while (await engine.deleteExpired(signal));
      assert.deepEqual([collection.size, other.size], [3, 0])
      const left = await collection.scroll({
        after: null,
        limit: 1000,
        filter: null,
        vectors: false,
        searchable: true,
      })
      assert.deepEqual(
        left.map(({ id }) => id),
        ['late', 'never', 'replaced'],
      )
      await untilNowhere(folder, { secret: Buffer.from('secret of soon-') })
      assert.ok(bytesOnDisk(folder).includes(Buffer.from('secret of late')))
    } finally {
      await engine.close()
    }
    // What expired while the service was stopped goes soon after its start.
    time = START + 60_000
    const again = await openEngine(folder, 10_000, () => new Date(time))
    try {
      await again.loaded
      const collection = again.collection('faces')
      while (collection.size > 2) await new Promise((resolve) => setTimeout(resolve, 10))
      assert.equal(await collection.get('late', { vector: false }), null)
    } finally {
      await again.close()
    }
  })
})

test('the sweep looks again every few seconds, goes on while there is more, and ends when it is closed', async () => {
  const timers = new ManualTimers()
  const answers = [true, false, 'fails', false] as const
  let looks = 0
  const sweep = new ExpirySweep({
    timers,
    sweep: async () => {
      const answer = answers[looks++]
      if (answer === 'fails') throw new Error('a disk that is full')
      return answer ?? false
    },
  })
  const settled = () => new Promise(setImmediate)
  await settled()
  assert.equal(looks, 1)
  timers.advance(SWEEP_EVERY_MS / 10)
  await settled()
  assert.equal(looks, 2, 'at once, as there was more')
  timers.advance(SWEEP_EVERY_MS - 1)
  await settled()
  assert.equal(looks, 2)
  timers.advance(1)
  await settled()
  assert.equal(looks, 3)
  timers.advance(SWEEP_EVERY_MS)
  await settled()
  assert.equal(looks, 4, 'also after a failure')
  await sweep.close()
  assert.equal(timers.running, 0)
})
