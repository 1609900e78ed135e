import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rowReader, rowWriter } from '../../../../src/engine/embedded/row-files/row-access.ts'
import { RowFiles } from '../../../../src/engine/embedded/row-files/row-files.ts'
import { RowSource } from '../../../../src/index/scan/row-source.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { StoredRows } from '../../../../src/kernels/stored-rows.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { gaussianVectors } from '../../../support/random-vectors.ts'

const DIMENSIONS = 37

function withRows(count: number, run: (parts: ReturnType<typeof filled>) => Promise<void>) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookalike-rows-'))
    const files = new RowFiles(join(folder, 'cache'))
    try {
      await run(filled(files, join(folder, 'cache'), count))
    } finally {
      files.close()
      rmSync(folder, { recursive: true })
    }
  }
}

function filled(files: RowFiles, folder: string, count: number) {
  const memory = new BlockMemory()
  const file = files.open(DIMENSIONS)
  const rows = new StoredRows(memory, DIMENSIONS, file)
  const vectors = gaussianVectors(seededRandom(1), count, DIMENSIONS)
  for (const vector of vectors) rows.append(vector)
  const write = (list: Uint32Array) => {
    rowWriter(new RowSource(memory.segments, null))(rows.view(), list)
    rows.settle(list, 0)
  }
  return { memory, folder, file, rows, vectors, write }
}

test(
  'rows are read back from the file, one by one and by any thread, in any order of writing',
  withRows(500, async ({ file, rows, vectors, write }) => {
    write(Uint32Array.of(3, 4, 5, 90, 499))
    write(Uint32Array.of(0, 1, 2, 3, 91))
    const read = rowReader()
    const into = new Float32Array(DIMENSIONS)
    for (const row of [499, 0, 3, 91, 5]) {
      assert.deepEqual(await rows.read(row), vectors[row])
      read(file.descriptor, row, into)
      assert.deepEqual(into, vectors[row])
    }
    assert.deepEqual(await rows.read(200), vectors[200], 'of a row that is in memory')
  }),
)

test(
  'a slot that is left is used again only after the searches that may read it',
  withRows(9000, async ({ memory, rows, vectors, write }) => {
    const used = memory.usedBytes
    write(Uint32Array.from(vectors.keys()))
    rows.recycle(() => false)
    assert.equal(rows.resident, 9000)
    rows.recycle((stamp) => stamp === 0)
    assert.equal(rows.resident, 0)
    assert.ok(memory.usedBytes < used, `${memory.usedBytes} of ${used} bytes`)
    rows.write(7, vectors[8]!)
    assert.deepEqual(await rows.read(7), vectors[8])
    assert.equal(rows.resident, 1)
    rows.release()
    assert.equal(memory.usedBytes, 0)
  }),
)

test(
  'a row that the disk has changed, or lost, is refused',
  withRows(20, async ({ file, rows, vectors, write }) => {
    write(Uint32Array.from(vectors.keys()))
    writeSync(file.descriptor, Buffer.of(1, 2, 3), 0, 3, 5 * (DIMENSIONS * 4 + 4) + 40)
    const wanted = { code: 'STORE_FAILED', message: /row 5 / }
    await assert.rejects(rows.read(5), wanted)
    const into = new Float32Array(DIMENSIONS)
    assert.throws(() => rowReader()(file.descriptor, 5, into), wanted)
    assert.throws(() => rowReader()(file.descriptor, 20, into), { code: 'STORE_FAILED' })
    assert.deepEqual(await rows.read(6), vectors[6])
  }),
)

test(
  'a file has no name that could be left behind',
  withRows(1, async ({ folder }) => assert.deepEqual(readdirSync(folder), [])),
)
