import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBundle } from '../../../src/adapters/models-folder/read-bundle.ts'
import { openModelSession } from '../../../src/adapters/onnxruntime/model-session.ts'
import { servingModel } from '../../../src/embedding/serving-model.ts'
import { failsWith } from '../../support/errors.ts'

test('a thread that answers too late ends then, and the process lives', async () => {
  const { bundle, onnx } = await readBundle('models/efficientnet-lite0')
  const { width, height } = bundle.input
  const { bytes: model, inputName, outputName } = servingModel(bundle, onnx)
  const start = {
    name: `model ${bundle.name}`,
    model,
    inputName,
    outputName,
    width,
    height,
    dimensions: bundle.output.dimensions,
    provider: 'cpu',
    gpuDevice: 0,
    maxBatch: 64,
    calibrate: 'never',
    threads: null,
  } as const
  // Long enough for the batch to have begun, and far too short for it.
  const session = await openModelSession(start, { answerTimeoutMs: 100 })
  try {
    const images = new Uint8Array(64 * width * height * 3)
    await assert.rejects(session.run(64, images), failsWith('THREAD_FAILED', '100 ms'))
    assert.equal(session.isSilent, true)
    while (session.isSilent) await new Promise((resolve) => setTimeout(resolve, 5))
  } finally {
    await session.close()
  }
})
