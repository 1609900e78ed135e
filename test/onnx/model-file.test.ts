import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readOnnx, standardOpset, writeOnnx } from '../../src/onnx/model-file.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { failsWith } from '../support/errors.ts'

const shipped = new Uint8Array(readFileSync('models/efficientnet-lite0/model.onnx'))

test('the shipped model is the same after reading and writing', () => {
  const again = writeOnnx(readOnnx(shipped))
  assert.equal(again.length, shipped.length)
  assert.deepEqual(readOnnx(again), readOnnx(shipped))
})

test('the version of the operator set is read', () => {
  assert.equal(standardOpset(readOnnx(shipped)), 17)
})

test('what is no ONNX file is refused', () => {
  const seed = 11
  const random = seededRandom(seed)
  const noise = Uint8Array.from({ length: 4096 }, () => Math.floor(random() * 256))
  const garbage = { nothing: new Uint8Array(), noise, text: Buffer.from('{"name":"model"}') }
  for (const [name, bytes] of Object.entries(garbage)) {
    assert.throws(() => readOnnx(bytes), failsWith('ONNX_INVALID'), `${name}, seed ${seed}`)
  }
  assert.throws(() => readOnnx(shipped.subarray(0, 5000)), failsWith('ONNX_INVALID'))
})
