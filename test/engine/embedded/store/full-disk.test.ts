import assert from 'node:assert/strict'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { EmbeddedEngine } from '../../../../src/engine/embedded/embedded-engine.ts'
import type { NewRecord } from '../../../../src/engine/record.ts'
import { AppError } from '../../../../src/errors.ts'
import { openEngine } from '../../../support/open-engine.ts'
import { sampleRecord, sampleSpec } from '../../../support/sample-records.ts'
import { onTinyDisk } from '../../../support/tiny-disk.ts'

const DISK_BYTES = 24 * 1024 * 1024
const NO_MOUNT = 'only root may mount a small disk'

function recordOf(i: number): NewRecord {
  const bytes = new Uint8Array(50_000).fill(i)
  return sampleRecord(`r${i}`, { content: { mediaType: 'image/jpeg', bytes } })
}

/** Puts records until the disk is full; resolves to the number of those acknowledged. */
async function fillUp(engine: EmbeddedEngine, from = 0): Promise<number> {
  const collection = engine.collection('faces')
  for (let i = from; ; i++) {
    try {
      await collection.put(recordOf(i))
    } catch (error) {
      assert.ok(error instanceof AppError)
      assert.equal(error.code, 'DISK_FULL', error.message)
      assert.match(error.message, /disk of the data folder is full/)
      return i
    }
  }
}

/** Takes what is left of the disk, as another program does. */
function takeTheRest(folder: string): void {
  const file = openSync(join(folder, 'of-another'), 'a')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  } finally {
    closeSync(file)
  }
}

async function assertHas(engine: EmbeddedEngine, from: number, to: number): Promise<void> {
  const collection = engine.collection('faces')
  assert.equal(collection.size, to - from)
  for (let i = from; i < to; i++) {
    const content = await collection.content(`r${i}`)
    assert.deepEqual(content?.bytes, recordOf(i).content!.bytes, `r${i}`)
  }
}

async function untilWritable(engine: EmbeddedEngine): Promise<void> {
  while (!engine.status.writable) await new Promise((resolve) => setTimeout(resolve, 50))
}

const ids = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `r${from + i}`)

test('a full disk refuses writes, has all that was acknowledged, and is left by deleting', async (t) => {
  const mounted = await onTinyDisk(DISK_BYTES, async (folder) => {
    const engine = await openEngine(folder)
    try {
      const { collection } = await engine.create(sampleSpec())
      assert.equal(engine.status.writable, true)
      const count = await fillUp(engine)
      assert.ok(count > 50, `${count} records`)
      assert.equal(engine.status.writable, false)
      takeTheRest(folder)
      await assertHas(engine, 0, count)
      const half = count >> 1
      assert.equal(await collection.delete({ ids: ids(0, half) }), half)
      await assertHas(engine, half, count)
      await untilWritable(engine)
      await collection.put(recordOf(count))
      await assertHas(engine, half, count + 1)
    } finally {
      await engine.close()
    }
  })
  if (!mounted) t.skip(NO_MOUNT)
})

test('on a full disk it starts, answers, says that it takes no writes, and a drop makes room', async (t) => {
  const mounted = await onTinyDisk(DISK_BYTES, async (folder) => {
    const first = await openEngine(folder)
    await first.create(sampleSpec())
    const count = await fillUp(first)
    takeTheRest(folder)
    await first.close()
    takeTheRest(folder)
    const second = await openEngine(folder)
    try {
      await assertHas(second, 0, count)
      const refused = second.create(sampleSpec({ name: 'other' }))
      await assert.rejects(refused, { code: 'DISK_FULL' })
      assert.equal(second.status.writable, false)
      await second.drop('faces')
      await untilWritable(second)
      await second.create(sampleSpec({ name: 'other' }))
    } finally {
      await second.close()
    }
  })
  if (!mounted) t.skip(NO_MOUNT)
})

test('a start that finds no room at all says so, and is well once there is some', async (t) => {
  const mounted = await onTinyDisk(DISK_BYTES, async (folder) => {
    const first = await openEngine(folder)
    await first.create(sampleSpec())
    const count = await fillUp(first)
    await first.close()
    for (const name of ['reserve', 'lookalike.sqlite-shm'])
      rmSync(join(folder, name), { force: true })
    takeTheRest(folder)
    await assert.rejects(openEngine(folder), { code: 'DISK_FULL' })
    rmSync(join(folder, 'of-another'))
    const second = await openEngine(folder)
    await assertHas(second, 0, count)
    await second.close()
  })
  if (!mounted) t.skip(NO_MOUNT)
})
