import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Embedder } from '../../src/embedding/embedder.ts'
import { ModelRegistry } from '../../src/embedding/model-registry.ts'
import { AppError } from '../../src/errors.ts'
import type { PreprocessSpec } from '../../src/image/image-decoder.ts'
import { ManualTimers } from '../support/manual-timers.ts'

const PIXELS = new Uint8Array(3)
const PREPROCESS: PreprocessSpec = {
  width: 1,
  height: 1,
  resize: 'stretch',
  cropFraction: 1,
  kernel: 'linear',
}

/** A model that answers with its version, until it is closed, dies or falls silent. */
class Model implements Embedder {
  readonly model: string
  readonly sha256 = ''
  readonly version: number
  readonly dimensions: number
  readonly minDimensions: number
  readonly isUnit = false
  readonly preprocess = PREPROCESS
  readonly provider = { name: 'cpu', fallbackReason: null }
  readonly maxBatch = 1
  readonly sessions = { open: 1, bytesEach: 0 }
  state: 'open' | 'dead' | 'closed' = 'open'
  isSilent = false
  /** Calls wait for it where there is one. */
  gate: Promise<void> | null = null

  constructor(model: string, version: number, dimensions = 1) {
    this.model = model
    this.version = version
    this.dimensions = dimensions
    this.minDimensions = dimensions
  }

  embed = async () => {
    await this.gate
    if (this.state === 'dead') throw new AppError('THREAD_FAILED', 'the session ended')
    if (this.state === 'closed') throw new AppError('SHUTTING_DOWN', 'closed')
    return Float32Array.of(this.version)
  }

  close = async () => {
    this.state = 'closed'
  }
}

function make(idleMs: number | null = null) {
  const timers = new ManualTimers()
  const opened: Model[] = []
  const plan = { dimensions: 1, failure: null as Error | null }
  const models = new ModelRegistry({
    defaultName: 'default',
    async open(name) {
      if (plan.failure !== null) throw plan.failure
      const model = new Model(name, opened.length + 1, plan.dimensions)
      opened.push(model)
      return model
    },
    timers,
    idleMs,
  })
  return { models, timers, opened, plan }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const versionOf = async (embedder: Embedder) => (await embedder.embed(PIXELS))[0]

test('a model is opened once, also by calls at the same time', async () => {
  const { models, opened } = make()
  const [first, second] = await Promise.all([models.load('a'), models.load('a')])
  assert.equal(first, second)
  assert.equal(opened.length, 1)
})

test('a model whose thread died is closed, and opened again by the next call', async () => {
  const { models, opened } = make()
  const first = await models.load('a')
  opened[0]!.state = 'dead'
  await assert.rejects(first.embed(PIXELS), { code: 'THREAD_FAILED' })
  await settled()
  assert.equal(opened[0]!.state, 'closed')
  assert.equal(await versionOf(await models.load('a')), 2)
})

test('a model that failed to open is tried again by the next call', async () => {
  const { models, plan } = make()
  plan.failure = new AppError('MODEL_INVALID', 'broken')
  await assert.rejects(models.load('a'), { code: 'MODEL_INVALID' })
  plan.failure = null
  assert.equal((await models.load('a')).model, 'a')
})

test('a name that is no plain word never becomes a path', async () => {
  const { models, opened } = make()
  for (const name of ['..', '../a', 'a/b', '', '.hidden']) {
    await assert.rejects(models.load(name), { code: 'MODEL_NOT_FOUND' }, name)
  }
  assert.equal(opened.length, 0)
})

test('closing closes every model, and no other is opened after', async () => {
  const { models, opened, timers } = make(1000)
  await models.load('a')
  await models.load('b')
  await models.close()
  assert.deepEqual(
    opened.map(({ state }) => state),
    ['closed', 'closed'],
  )
  assert.equal(timers.running, 0)
  await assert.rejects(models.load('c'), { code: 'SHUTTING_DOWN' })
})

test('a model that nobody uses is closed after its time, and opened again when asked for', async () => {
  const { models, opened, timers } = make(1000)
  const first = await models.load('a')
  timers.advance(900)
  await first.embed(PIXELS)
  timers.advance(900)
  assert.equal(opened[0]!.state, 'open')
  timers.advance(100)
  await settled()
  assert.equal(opened[0]!.state, 'closed')
  assert.equal(await versionOf(await models.load('a')), 2)
})

test('the default model is never closed for being idle, nor one that is at work', async () => {
  const { models, opened, timers } = make(1000)
  await models.load('default')
  const busy = await models.load('busy')
  let finish = () => {}
  opened[1]!.gate = new Promise((resolve) => {
    finish = resolve
  })
  const answer = busy.embed(PIXELS)
  timers.advance(5000)
  await settled()
  assert.deepEqual(
    opened.map(({ state }) => state),
    ['open', 'open'],
  )
  finish()
  await answer
  timers.advance(1000)
  await settled()
  assert.deepEqual(
    opened.map(({ state }) => state),
    ['open', 'closed'],
  )
})

test('a model is replaced without a pause: who holds the old one goes on with it', async () => {
  const { models, opened, timers } = make()
  const old = await models.load('a')
  await models.reload('a')
  assert.equal(await versionOf(old), 1)
  assert.equal(await versionOf(await models.load('a')), 2)
  timers.advance(60_000)
  await settled()
  assert.deepEqual(
    opened.map(({ state }) => state),
    ['closed', 'open'],
  )
})

test('a model that cannot be replaced stays, and so does one of another length', async () => {
  const { models, opened, plan } = make()
  await models.load('a')
  plan.failure = new AppError('MODEL_INVALID', 'half a file')
  await assert.rejects(models.reload('a'), { code: 'MODEL_INVALID' })
  plan.failure = null
  plan.dimensions = 2
  await assert.rejects(models.reload('a'), { code: 'MODEL_INVALID', message: /1 dimensions .* 2/ })
  assert.equal(opened[1]!.state, 'closed')
  assert.equal(await versionOf(await models.load('a')), 1)
})

test('a model that is not open is not opened to be replaced', async () => {
  const { models, opened } = make()
  await models.reload('a')
  assert.equal(opened.length, 0)
})

test('a model that stops answering is named, also after it was given up', async () => {
  const { models, opened } = make()
  const embedder = await models.load('a')
  assert.deepEqual(models.silent, [])
  opened[0]!.isSilent = true
  assert.deepEqual(models.silent, ['a'])
  assert.equal(embedder.isSilent, true)
  opened[0]!.state = 'dead'
  await assert.rejects(embedder.embed(PIXELS), { code: 'THREAD_FAILED' })
  await settled()
  assert.deepEqual(models.silent, ['a'])
})
