import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Embedder } from '../../src/embedding/embedder.ts'
import { ModelRegistry } from '../../src/embedding/model-registry.ts'
import { AppError } from '../../src/errors.ts'

/** An embedder whose thread has died, or not. */
function embedder(model: string, dead: boolean, onClose = () => {}): Embedder {
  return {
    model,
    ...{ dimensions: 1, minDimensions: 1, isUnit: false },
    preprocess: { width: 1, height: 1, resize: 'stretch', cropFraction: 1, kernel: 'linear' },
    provider: { name: 'cpu', fallbackReason: null },
    async embed() {
      if (dead) throw new AppError('THREAD_FAILED', 'the session ended')
      return Float32Array.of(1)
    },
    async close() {
      onClose()
    },
  }
}

test('a model is opened once, also by calls at the same time', async () => {
  let opened = 0
  const models = new ModelRegistry('a', async (name) => {
    opened++
    return embedder(name, false)
  })
  const [first, second] = await Promise.all([models.load('a'), models.load('a')])
  assert.equal(first, second)
  assert.equal(opened, 1)
})

test('a model whose thread died is opened anew by the next call', async () => {
  let opened = 0
  const models = new ModelRegistry('a', async (name) => embedder(name, opened++ === 0))
  const first = await models.load('a')
  await assert.rejects(first.embed(new Uint8Array(3)), { code: 'THREAD_FAILED' })
  assert.deepEqual(await (await models.load('a')).embed(new Uint8Array(3)), Float32Array.of(1))
})

test('a model that failed to open is tried again by the next call', async () => {
  let opened = 0
  const models = new ModelRegistry('a', async (name) => {
    if (opened++ === 0) throw new AppError('MODEL_INVALID', 'broken')
    return embedder(name, false)
  })
  await assert.rejects(models.load('a'), { code: 'MODEL_INVALID' })
  assert.equal((await models.load('a')).model, 'a')
})

test('a name that is no plain word never becomes a path', async () => {
  const models = new ModelRegistry('a', async () => assert.fail('opened'))
  for (const name of ['..', '../a', 'a/b', '', '.hidden']) {
    await assert.rejects(models.load(name), { code: 'MODEL_NOT_FOUND' }, name)
  }
})

test('closing closes every model, and no other is opened after', async () => {
  const closed: string[] = []
  const models = new ModelRegistry('a', async (name) =>
    embedder(name, false, () => closed.push(name)),
  )
  await models.load('a')
  await models.load('b')
  await models.close()
  assert.deepEqual(new Set(closed), new Set(['a', 'b']))
  await assert.rejects(models.load('c'), { code: 'SHUTTING_DOWN' })
})
