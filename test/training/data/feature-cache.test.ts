import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { featureCacheFile, openFeatureCache } from '../../../src/training/data/feature-cache.ts'
import { failsWith } from '../../support/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const DIMENSIONS = 3
const HEADER_BYTES = 12
const ENTRY_BYTES = 32 + 4 * DIMENSIONS + 8
const hashOf = (number: number) => number.toString(16).padStart(64, '0')
const vectorOf = (number: number) => Float32Array.of(number, -1 / (number + 1), 3e-8)
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number)

/** Opens for images 0 to wanted - 1, adds those of `added`, and closes again. */
async function visit(file: string, wanted: number, added: readonly number[], dimensions = 3) {
  const cache = await openFeatureCache(file, dimensions, new Set(upTo(wanted).map(hashOf)))
  const known = upTo(wanted).filter((number) => cache.get(hashOf(number)) !== undefined)
  for (const number of known) assert.deepEqual(cache.get(hashOf(number)), vectorOf(number))
  await Promise.all(added.map((number) => cache.add(hashOf(number), vectorOf(number))))
  await cache.close()
  return { known, damaged: cache.damaged }
}

test('what is added is known when the cache is opened again, and no temporary file stays', async (t) => {
  const file = featureCacheFile(temporaryFolder(t), 'model', '/images')
  assert.deepEqual(await visit(file, 600, upTo(300)), { known: [], damaged: null })
  // The 300 again: one entry an image.
  const more = upTo(599).slice(200)
  assert.deepEqual(await visit(file, 600, more), { known: upTo(300), damaged: null })
  assert.deepEqual(await visit(file, 600, []), { known: upTo(599), damaged: null })
  assert.equal(readFileSync(file).length, HEADER_BYTES + 599 * ENTRY_BYTES)
  assert.equal(readdirSync(dirname(file)).length, 1)
})

test('what is no longer wanted leaves the file', async (t) => {
  const file = featureCacheFile(temporaryFolder(t), 'model', '/images')
  await visit(file, 5, upTo(5))
  assert.deepEqual(await visit(file, 2, []), { known: [0, 1], damaged: null })
  assert.deepEqual(await visit(file, 5, []), { known: [0, 1], damaged: null })
})

test('another model and another folder have another file', () => {
  const file = featureCacheFile('data', 'model', '/images')
  assert.notEqual(featureCacheFile('data', 'other', '/images'), file)
  assert.notEqual(featureCacheFile('data', 'model', '/other'), file)
})

test('of a file cut off at any byte all whole entries are known, and adding resumes there', async (t) => {
  const file = featureCacheFile(temporaryFolder(t), 'model', '/images')
  await visit(file, 2, [0, 1])
  const whole = readFileSync(file)
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(file, whole.subarray(0, length))
    const known = upTo(Math.max(0, Math.floor((length - HEADER_BYTES) / ENTRY_BYTES)))
    const cut = await visit(file, 3, [2])
    assert.deepEqual(cut.known, known, `${length} bytes`)
    const isClean = length >= HEADER_BYTES && (length - HEADER_BYTES) % ENTRY_BYTES === 0
    assert.equal(cut.damaged === null, isClean, `${length} bytes: ${cut.damaged}`)
    assert.deepEqual(await visit(file, 3, []), { known: [...known, 2], damaged: null })
  }
})

test('a changed byte costs its entry alone, and a file of another form all of them', async (t) => {
  const file = featureCacheFile(temporaryFolder(t), 'model', '/images')
  await visit(file, 3, upTo(3))
  const whole = readFileSync(file)
  for (let at = HEADER_BYTES; at < whole.length; at += 5) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 1
    writeFileSync(file, changed)
    const lost = Math.floor((at - HEADER_BYTES) / ENTRY_BYTES)
    const { known, damaged } = await visit(file, 3, [])
    assert.deepEqual([known, at], [upTo(3).filter((number) => number !== lost), at])
    assert.equal(damaged, '1 of 3 entries have another checksum')
  }
  writeFileSync(file, whole)
  const { known, damaged } = await visit(file, 3, [], 4)
  assert.deepEqual([known, damaged], [[], 'it is of another form'])
})

test('a place that cannot be written, and more than 4 GiB, are refused', async (t) => {
  const file = featureCacheFile(temporaryFolder(t), 'model', '/images')
  const wanted = new Set(upTo(100).map(hashOf))
  await assert.rejects(openFeatureCache(file, 2 ** 24, wanted), failsWith('TRAINING_INVALID'))
  mkdirSync(file, { recursive: true })
  await assert.rejects(openFeatureCache(file, 3, wanted), failsWith('DATA_FOLDER_UNUSABLE', file))
})
