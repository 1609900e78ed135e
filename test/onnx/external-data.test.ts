import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withInnerWeights } from '../../src/onnx/external-data.ts'
import { graphFacts } from '../../src/onnx/graph-facts.ts'
import { failsWith } from '../support/errors.ts'
import { openGraph } from '../support/run-graph.ts'
import { externalModel } from '../support/tiny-model.ts'

const image = { dims: [1, 4, 4, 3], values: Float32Array.from({ length: 48 }, (_, i) => i) }

test('weights taken in from other files give what the model with them inside gives', async () => {
  const { onnx, inside, files } = externalModel()
  assert.deepEqual(graphFacts(onnx).externalFiles, ['model.onnx_data'])
  const whole = withInnerWeights(onnx, files)
  assert.deepEqual(graphFacts(whole).externalFiles, [])
  await using merged = await openGraph(whole)
  await using wanted = await openGraph(inside)
  assert.deepEqual(await merged.run({ image }), await wanted.run({ image }))
})

test('a file that is missing or too short is named with the bytes wanted', () => {
  const { onnx, files } = externalModel()
  assert.throws(
    () => withInnerWeights(onnx, new Map()),
    failsWith('ONNX_INVALID', '"model.onnx_data" up to byte 76', 'no such file'),
  )
  const cut = new Map([['model.onnx_data', files.get('model.onnx_data')!.slice(0, 70)]])
  assert.throws(() => withInnerWeights(onnx, cut), failsWith('ONNX_INVALID', 'got 70 bytes'))
})

for (const location of ['../secret', '/etc/passwd', 'sub/file', '..', 'a\\b', '']) {
  test(`weights in ${JSON.stringify(location)} are refused: only a file beside the model is read`, () => {
    const { onnx } = externalModel(location)
    assert.throws(() => graphFacts(onnx), failsWith('ONNX_INVALID', 'beside the model'))
  })
}

test('the facts of a graph are its inputs, outputs, parameters and operator set', () => {
  const { inputs, outputs, parameters, opset, nodes } = graphFacts(externalModel().onnx)
  assert.deepEqual(inputs, [{ name: 'image', type: 'FLOAT', dims: [null, 4, 4, 3] }])
  assert.deepEqual(outputs, [{ name: 'embedding', type: 'FLOAT', dims: [null, 3] }])
  assert.deepEqual([parameters, opset, nodes], [3, 13, 2])
})
