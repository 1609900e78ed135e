import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseModelBundle, preprocessOf } from '../../src/embedding/model-bundle.ts'
import { AppError } from '../../src/errors.ts'
import { failsWith } from '../support/errors.ts'

const shipped = readFileSync('models/efficientnet-lite0/model.json', 'utf8')

test('the shipped description is read, and frozen through and through', () => {
  const bundle = parseModelBundle(shipped, 'model.json')
  assert.deepEqual(bundle, JSON.parse(shipped))
  assert.throws(() => Object.assign(bundle.input.mean, [1, 2, 3]), TypeError)
})

test('the preprocessing is that of the description', () => {
  assert.deepEqual(preprocessOf(parseModelBundle(shipped, 'model.json')), {
    width: 224,
    height: 224,
    resize: 'centre-crop',
    cropFraction: 0.875,
    kernel: 'cubic',
  })
})

test('every problem is reported at once, by path, with what was received', () => {
  const wrong = JSON.parse(shipped)
  wrong.sha256 = 'abc'
  wrong.file = '../secret.onnx'
  wrong.colour = 'rgb'
  wrong.input.layout = 'CHW'
  wrong.input.std = [1, 0, 1]
  wrong.input.mean = [1, 2]
  wrong.output.dimensions = '1280'
  delete wrong.licence
  assert.throws(
    () => parseModelBundle(JSON.stringify(wrong), 'bundle/model.json'),
    (error) => {
      failsWith(
        'MODEL_INVALID',
        'bundle/model.json',
        '/input/layout must be one of NCHW, NHWC',
      )(error)
      assert.ok(error instanceof AppError)
      assert.deepEqual(error.issues.map(({ path }) => path).sort(), [
        '/colour',
        '/file',
        '/input/layout',
        '/input/mean',
        '/input/std/1',
        '/licence',
        '/output/dimensions',
        '/sha256',
      ])
      const layout = error.issues.find(({ path }) => path === '/input/layout')
      assert.match(layout!.message, /got.*CHW/)
      return true
    },
  )
})

test('what is no JSON, or no object, is refused', () => {
  for (const text of ['', '{', 'null', '[]', '7']) {
    assert.throws(() => parseModelBundle(text, 'here'), failsWith('MODEL_INVALID', 'here'), text)
  }
})

test('members that contradict each other are refused by name', () => {
  const wrong = JSON.parse(shipped)
  wrong.input.resize = 'shortest-edge'
  wrong.input.height = 256
  wrong.output.minDimensions = 2000
  assert.throws(
    () => parseModelBundle(JSON.stringify(wrong), 'model.json'),
    failsWith(
      'MODEL_INVALID',
      '/input/resize shortest-edge needs a square input, got 224 x 256',
      '/output/minDimensions must be at most the 1280 dimensions, got 2000',
    ),
  )
})
