import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundle } from '../../../src/adapters/models-folder/read-bundle.ts'
import {
  type Image,
  type ModelSession,
  openModelSession,
} from '../../../src/adapters/onnxruntime/model-session.ts'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import {
  planSessions,
  SessionsSideBySide,
} from '../../../src/adapters/onnxruntime/sessions-side-by-side.ts'
import { Batcher } from '../../../src/embedding/batcher.ts'
import { servingModel } from '../../../src/embedding/serving-model.ts'
import { AppError } from '../../../src/errors.ts'
import { failsWith } from '../../support/errors.ts'
import { flat, tinyModel, writeBundle } from '../../support/tiny-model.ts'

const MEBIBYTE = 2 ** 20

/** Sessions of a made-up model on a clock that only they move: an image has its first byte for a vector. */
function make({
  wideMs = 4,
  /** Of a batch. */
  narrowMs = (batch: number) => 2 * batch,
  /** The batches whose bits are others. */
  hasOtherBits = (_batch: number): boolean => false,
  /** Whether what is brightest in a batch changes all its bits. */
  scalesBatches = false,
  /** The images of the smallest batch that fails. */
  failsFrom = Number.POSITIVE_INFINITY,
  maxBatch = 8,
} = {}) {
  const state = {
    ...{ now: 0, opened: 0, closed: 0, calibrated: 0, memory: 0, timer: () => {} },
    /** The images of the largest batch of a runner beside the wide one. */
    largestBatch: 0,
    /** The sessions beside the wide one, by number, whose threads have ended, or do not end. */
    ...{ dead: new Set<number>(), silent: new Set<number>() },
  }
  const sessionOf = (ms: (batch: number) => number, number: number) => ({
    provider: { name: 'cpu', fallbackReason: null } as const,
    maxBatch: 1,
    get isSilent() {
      return state.silent.has(number)
    },
    async run(batch: number, pixels: Uint8Array<ArrayBuffer>) {
      if (state.dead.has(number)) throw new AppError('THREAD_FAILED', 'the thread ended')
      state.now += ms(batch)
      await new Promise((resolve) => setImmediate(resolve))
      if (number > 0 && batch >= failsFrom) throw new Error('too large a batch')
      const bits = number > 0 && hasOtherBits(batch) ? 2 ** -15 : 0
      const scale = number > 0 && scalesBatches ? Math.max(...pixels) * 2 ** -16 : 0
      const bytes = pixels.length / batch
      return Float32Array.from({ length: batch }, (_, i) => pixels[i * bytes]! + bits + scale)
    },
    async calibrate() {
      state.calibrated++
      return 4
    },
    async close() {
      state.closed++
    },
  })
  const wide = sessionOf((batch) => wideMs * batch, 0)
  const runnerOf = ({ run }: ModelSession, maxBatch: number) => ({
    maxBatch,
    async run(images: readonly Image[]) {
      if (run !== wide.run) state.largestBatch = Math.max(state.largestBatch, images.length)
      const bytes = Uint8Array.from(images.map(({ pixels }) => pixels[0]!))
      for (const { pixels, isGiven } of images) {
        if (isGiven) structuredClone(pixels.buffer, { transfer: [pixels.buffer as ArrayBuffer] })
      }
      const vectors = await run(images.length, bytes)
      return [...vectors].map((value) => Float32Array.of(value))
    },
  })
  const batcher = new Batcher<Image, Float32Array>(runnerOf(wide, 1))
  const sideBySide = new SessionsSideBySide({
    batcher,
    wide,
    async open() {
      state.opened++
      state.memory += 1000
      return sessionOf(narrowMs, state.opened)
    },
    runnerOf,
    maxBatch,
    imageBytes: 3,
    count: 2,
    threads: 1,
    clock: () => state.now,
    timers: {
      set(callback) {
        state.timer = callback
        return null
      },
      clear() {},
    },
    memory: () => state.memory,
  })
  /** Submits images at once, and checks each answer. */
  const load = async (images: number) => {
    const all = Array.from({ length: images }, (_, i) => Uint8Array.of(i % 256))
    const vectors = await Promise.all(
      all.map((pixels) => {
        const answer = batcher.submit({ pixels, isGiven: true }, { priority: 'bulk' })
        if (batcher.waiting > 0) sideBySide.imageWaits()
        return answer
      }),
    )
    assert.ok(
      all.every(({ byteLength }) => byteLength === 0),
      'pixels that were not freed',
    )
    for (const [i, vector] of vectors.entries()) assert.equal(Math.round(vector[0]!), i % 256)
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
  }
  return { state, batcher, sideBySide, load }
}

test('sessions that embed more images a second together are kept, and closed after a quiet minute', async () => {
  const { state, sideBySide, load } = make()
  await load(60)
  assert.equal(sideBySide.open, 0)
  await load(60)
  assert.equal(sideBySide.open, 2)
  assert.equal(sideBySide.bytesEach, 1000)
  await load(60)
  state.now += 59_000
  state.timer()
  assert.equal(sideBySide.open, 2)
  state.now += 2_000
  state.timer()
  await load(1)
  assert.deepEqual([sideBySide.open, state.closed], [0, 2])
  await load(120)
  assert.deepEqual([sideBySide.open, state.opened], [2, 4])
  await sideBySide.close()
  assert.equal(state.closed, 4)
})

test('sessions that are hardly faster are closed, and one does batches of the size that is', async () => {
  const { state, batcher, sideBySide, load } = make({ wideMs: 4, narrowMs: (batch) => 3.9 * batch })
  await load(100)
  assert.deepEqual([sideBySide.open, state.closed, state.calibrated], [0, 2, 1])
  assert.equal(batcher.maxBatch, 4)
  await load(200)
  assert.equal(state.opened, 2)
  await load(200)
  assert.equal(state.opened, 2)
  await load(200)
  assert.equal(state.opened, 4)
  await sideBySide.close()
})

test('sessions that give other bits are not used', async () => {
  const { state, sideBySide, load } = make({ hasOtherBits: () => true })
  await load(200)
  assert.deepEqual([sideBySide.open, state.closed], [0, 2])
  await sideBySide.close()
})

test('a model that scales a batch as a whole gets no batches', async () => {
  const { state, sideBySide, load } = make({
    narrowMs: (batch) => 1 + batch,
    scalesBatches: true,
  })
  await load(200)
  assert.deepEqual([sideBySide.open, state.largestBatch], [0, 0])
  await sideBySide.close()
})

test('a trial ends when its model is closed', async () => {
  const { state, sideBySide, load } = make()
  const loading = load(120)
  while (state.opened < 2) await new Promise((resolve) => setImmediate(resolve))
  await sideBySide.close()
  assert.deepEqual([sideBySide.open, state.closed], [0, 2])
  await loading
})

/** Loads sessions side by side. @returns the images of their largest batch. */
async function largestBatch(options: Parameters<typeof make>[0]): Promise<number> {
  const { state, sideBySide, load } = make(options)
  await load(120)
  assert.equal(sideBySide.open, 2)
  await load(200)
  await sideBySide.close()
  return state.largestBatch
}

test('sessions side by side get batches of the size that takes least time an image', async () => {
  const cheaper = (batch: number) => 1 + batch
  assert.equal(await largestBatch({ narrowMs: (batch) => 2 * batch }), 1)
  assert.equal(await largestBatch({ narrowMs: cheaper }), 8)
  assert.equal(await largestBatch({ narrowMs: cheaper, maxBatch: 2 }), 2)
  const cheapestByFour = (batch: number) => (batch <= 4 ? cheaper(batch) : 2 * batch)
  assert.equal(await largestBatch({ narrowMs: cheapestByFour }), 4)
})

test('batches in which an image has other bits than alone are not used', async () => {
  const narrowMs = (batch: number) => 1 + batch
  assert.equal(await largestBatch({ narrowMs, hasOtherBits: (batch) => batch >= 4 }), 2)
  assert.equal(await largestBatch({ narrowMs, hasOtherBits: (batch) => batch === 3 }), 2)
  assert.equal(await largestBatch({ narrowMs, hasOtherBits: (batch) => batch === 7 }), 4)
})

test('sessions whose batches fail are used for single images', async () => {
  const narrowMs = (batch: number) => 1 + batch
  assert.equal(await largestBatch({ narrowMs, failsFrom: 2 }), 1)
  assert.equal(await largestBatch({ narrowMs, failsFrom: 7 }), 4)
})

test('sizes of batch are not tried for which searches would wait long', async () => {
  // Two of them take twice that on the clock of this test.
  const narrowMs = (batch: number) => 10 + 7 * batch
  assert.equal(await largestBatch({ wideMs: 100, narrowMs }), 4)
})

for (const [size, narrowMs] of [
  ['single images', (batch: number) => 2 * batch],
  ['batches', (batch: number) => 1 + batch],
] as const) {
  test(`when one fails, of ${size}, all are closed and tried later, and no image fails`, async () => {
    const { state, sideBySide, load } = make({ narrowMs })
    await load(120)
    assert.equal(sideBySide.open, 2)
    state.dead.add(1)
    await load(200)
    assert.deepEqual([sideBySide.open, state.closed], [0, 2])
    await load(200)
    await load(200)
    assert.equal(state.opened, 2)
    await load(200)
    assert.deepEqual([sideBySide.open, state.opened], [2, 4])
    for (const number of [3, 4]) state.dead.add(number)
    await load(200)
    assert.deepEqual([sideBySide.open, state.closed], [0, 4])
    await sideBySide.close()
  })
}

test('an image fails where the wide session does', async () => {
  const { state, sideBySide, load } = make()
  state.dead.add(0)
  await assert.rejects(load(1), failsWith('THREAD_FAILED'))
  await sideBySide.close()
})

test('while the thread of a closed session does not end none are opened; afterwards they are', async () => {
  const { state, sideBySide, load } = make()
  await load(120)
  state.silent.add(2)
  state.now += 61_000
  state.timer()
  await load(1)
  assert.deepEqual([sideBySide.open, sideBySide.isSilent, state.closed], [0, true, 2])
  await load(120)
  assert.deepEqual([sideBySide.open, state.opened], [0, 2])
  state.silent.clear()
  assert.equal(sideBySide.isSilent, false)
  await load(120)
  assert.deepEqual([sideBySide.open, state.opened], [2, 4])
  await sideBySide.close()
})

test('there is a session a processor, as far as they fit in a gibibyte', () => {
  assert.deepEqual(planSessions(4, 10 * MEBIBYTE), { count: 4, threads: 1 })
  assert.deepEqual(planSessions(64, 13 * MEBIBYTE), { count: 15, threads: 4 })
  assert.deepEqual(planSessions(64, 150 * MEBIBYTE), { count: 2, threads: 32 })
  assert.equal(planSessions(64, 300 * MEBIBYTE), null)
  assert.equal(planSessions(1, 1), null)
})

const IMAGES = 8

/** Embeds images with a shipped model in several ways, and compares the bits. */
async function comparesBits(model: string): Promise<void> {
  const { bundle, onnx } = await readBundle(`models/${model}`)
  const { bytes, inputName, outputName } = servingModel(bundle, onnx)
  const { width, height } = bundle.input
  const { dimensions } = bundle.output
  const sizes = { inputName, outputName, width, height, dimensions }
  const imageBytes = width * height * 3
  // Each has other colours and another range.
  const images = Uint8Array.from({ length: IMAGES * imageBytes }, (_, i) => {
    const image = Math.floor(i / imageBytes)
    return ((i * 7919 + (i >> 9)) % 253) >> (image % 4)
  })
  const vectorsOf = async (threads: number, batch: number) => {
    const session = await openModelSession({
      name: 'the model',
      model: bytes.slice(),
      ...sizes,
      provider: 'cpu',
      gpuDevice: 0,
      maxBatch: batch,
      calibrate: 'never',
      threads,
    })
    const vectors: Float32Array[] = []
    for (let at = 0; at < IMAGES; at += batch) {
      const end = Math.min(IMAGES, at + batch)
      vectors.push(await session.run(end - at, images.slice(at * imageBytes, end * imageBytes)))
    }
    await session.close()
    return vectors.flatMap((vector) => [...vector])
  }
  const wanted = await vectorsOf(1, 1)
  assert.equal(wanted.length, IMAGES * dimensions)
  for (const [threads, batch] of [
    [2, 1],
    [4, 1],
    [1, 3],
    [3, 3],
    [1, 8],
    [1, 7],
  ] as const) {
    assert.deepEqual(
      await vectorsOf(threads, batch),
      wanted,
      `${threads} threads, ${batch} a batch`,
    )
  }
}

for (const model of ['efficientnet-lite0', 'efficientnet-lite2-lite0-int8']) {
  test(`an image has the same bits on one thread, on several and in a batch: ${model}`, () =>
    comparesBits(model))
}

test('a model that is closed while sessions open leaves none behind', async () => {
  const models = await mkdtemp(join(tmpdir(), 'lookalike-models-'))
  try {
    const folder = await writeBundle(models, tinyModel())
    const embedder = await openOnnxEmbedder({ folder, provider: 'cpu', processors: 2 })
    const images = Array.from({ length: 200 }, (_, i) =>
      embedder.embed(flat(101 + (i % 99), 200, 150)),
    )
    await Promise.all(images)
    await embedder.close()
    assert.equal(embedder.sessions.open, 1)
  } finally {
    await rm(models, { recursive: true })
  }
})
