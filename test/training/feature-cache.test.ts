import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { featureCacheFile, readFeatures, writeFeatures } from '../../src/training/feature-cache.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const features = new Map([
  ['ab'.repeat(32), Float32Array.of(0.25, -1, 3e-8)],
  ['0c'.repeat(32), Float32Array.of(1, 2, 3)],
])

test('what is written is read again, and no temporary file stays', async (t) => {
  const file = featureCacheFile(temporaryFolder(t), 'model', '/images')
  assert.deepEqual(await readFeatures(file, 3), { features: new Map(), damaged: null })
  await writeFeatures(file, 3, features)
  assert.deepEqual(await readFeatures(file, 3), { features, damaged: null })
  assert.equal(readdirSync(dirname(file)).length, 1)
})

test('another model and another folder have another file', () => {
  const file = featureCacheFile('data', 'model', '/images')
  assert.notEqual(featureCacheFile('data', 'other', '/images'), file)
  assert.notEqual(featureCacheFile('data', 'model', '/other'), file)
})

test('a file that is cut, changed or of another length of vectors is not believed', async (t) => {
  const file = featureCacheFile(temporaryFolder(t), 'model', '/images')
  await writeFeatures(file, 3, features)
  const whole = readFileSync(file)
  const changed = Buffer.from(whole)
  changed[60]! ^= 1
  for (const [name, bytes, dimensions] of [
    ['cut', whole.subarray(0, whole.length - 1), 3],
    ['empty', whole.subarray(0, 0), 3],
    ['changed', changed, 3],
    ['other dimensions', whole, 4],
  ] as const) {
    writeFileSync(file, bytes)
    const { features: found, damaged } = await readFeatures(file, dimensions)
    assert.equal(found.size, 0, name)
    assert.match(damaged ?? '', /checksum|form/, name)
  }
})
