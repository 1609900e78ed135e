import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { listModels } from '../../../src/adapters/models-folder/read-bundle.ts'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import { failsWith } from '../../support/errors.ts'
import {
  flat,
  reshapeToOne,
  tinyDescription,
  tinyModel,
  writeBundle,
} from '../../support/tiny-model.ts'

let models = ''
before(async () => {
  models = await mkdtemp(join(tmpdir(), 'lookalike-models-'))
})
after(async () => {
  await rm(models, { recursive: true, force: true })
})

/** Opens a bundle, hands it over, and closes it whatever happens. */
async function withEmbedder<T>(
  options: Parameters<typeof openOnnxEmbedder>[0],
  use: (embedder: Awaited<ReturnType<typeof openOnnxEmbedder>>) => Promise<T>,
): Promise<T> {
  const embedder = await openOnnxEmbedder(options)
  try {
    return await use(embedder)
  } finally {
    await embedder.close()
  }
}

/** The tiny model's answer, worked out by hand: roots of (channel - 100), of unit length. */
function expected(...channels: readonly number[]): number[] {
  const roots = channels.map((value) => Math.sqrt(value - 100))
  const length = Math.hypot(...roots)
  return roots.map((value) => value / length)
}

function assertClose(actual: Float32Array, wanted: readonly number[]): void {
  assert.equal(actual.length, wanted.length)
  for (const [i, value] of wanted.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `got ${actual}, expected ${wanted}`)
  }
}

test('images embedded together each get their own unit vector', async () => {
  const folder = await writeBundle(models, tinyModel())
  await withEmbedder({ folder, provider: 'cpu' }, async (embedder) => {
    assert.equal(embedder.model, 'tiny')
    assert.equal(embedder.dimensions, 3)
    assert.deepEqual(embedder.provider, { name: 'cpu', fallbackReason: null })
    const colours = Array.from({ length: 20 }, (_, i) => [101 + i, 200, 250 - i] as const)
    const vectors = await Promise.all(colours.map((colour) => embedder.embed(flat(...colour))))
    for (const [i, colour] of colours.entries()) assertClose(vectors[i]!, expected(...colour))
  })
})

test('a zero and a NaN embedding fail alone, not their neighbours of the batch', async () => {
  const folder = await writeBundle(models, tinyModel())
  await withEmbedder({ folder, provider: 'cpu' }, async (embedder) => {
    const [good, zero, nan, fine] = await Promise.allSettled([
      embedder.embed(flat(120, 130, 140)),
      embedder.embed(flat(100, 100, 100)),
      embedder.embed(flat(0, 200, 200)),
      embedder.embed(flat(200, 150, 101)),
    ])
    assertClose(
      good.status === 'fulfilled' ? good.value : new Float32Array(),
      expected(120, 130, 140),
    )
    failsWith('NO_USABLE_EMBEDDING', 'zeros')(zero.status === 'rejected' && zero.reason)
    failsWith('NO_USABLE_EMBEDDING', 'NaN')(nan.status === 'rejected' && nan.reason)
    assertClose(
      fine.status === 'fulfilled' ? fine.value : new Float32Array(),
      expected(200, 150, 101),
    )
  })
})

test('the pixels given stay the caller’s, and of the wrong length are refused', async () => {
  const folder = await writeBundle(models, tinyModel())
  await withEmbedder({ folder, provider: 'cpu' }, async (embedder) => {
    const pixels = flat(120, 130, 140)
    await embedder.embed(pixels)
    assert.deepEqual(pixels, flat(120, 130, 140))
    await assert.rejects(embedder.embed(pixels.subarray(3)), /expected 48 bytes .* got 45/)
  })
})

test('pixels that are given away are moved, not copied, and embedded as others are', async () => {
  const folder = await writeBundle(models, tinyModel())
  await withEmbedder({ folder, provider: 'cpu', maxBatch: 1 }, async (embedder) => {
    const pixels = Uint8Array.from(flat(120, 130, 140))
    assertClose(await embedder.embed(pixels, { givesPixels: true }), expected(120, 130, 140))
    assert.equal(pixels.byteLength, 0)
    const part = new Uint8Array(100).subarray(0, 48)
    part.set(flat(120, 130, 140))
    assertClose(await embedder.embed(part, { givesPixels: true }), expected(120, 130, 140))
    assert.equal(part.byteLength, 48)
  })
})

test('a graph for a batch of one serves many callers', async () => {
  const folder = await writeBundle(models, tinyModel({ batch: 1, ...reshapeToOne }))
  await withEmbedder({ folder, provider: 'cpu' }, async (embedder) => {
    const colours = [110, 150, 200, 250]
    const vectors = await Promise.all(colours.map((red) => embedder.embed(flat(red, 200, 101))))
    for (const [i, red] of colours.entries()) assertClose(vectors[i]!, expected(red, 200, 101))
  })
})

test('a graph that claims any batch and fails on two is refused when it is opened', async () => {
  const folder = await writeBundle(models, tinyModel({ ...reshapeToOne, outputDims: ['n', 3] }))
  await assert.rejects(openOnnxEmbedder({ folder, provider: 'cpu' }), failsWith('MODEL_INVALID'))
})

test('a provider by name that cannot start is an error with the reason', async () => {
  const folder = await writeBundle(models, tinyModel())
  // onnxruntime-node brings no TensorRT, and the tests install none.
  await assert.rejects(
    openOnnxEmbedder({ folder, provider: 'tensorrt' }),
    failsWith('PROVIDER_UNAVAILABLE', 'tensorrt', /Failed to load|not found/),
  )
})

test('auto reports which provider serves, and why not the better one', async () => {
  const folder = await writeBundle(models, tinyModel())
  await withEmbedder({ folder, provider: 'auto' }, async ({ provider }) => {
    assert.ok(['cpu', 'cuda'].includes(provider.name))
    assert.equal(provider.fallbackReason === null, provider.name === 'cuda')
    assert.match(provider.fallbackReason ?? 'cuda: it serves', /^cuda: ./)
  })
})

test('a file with another checksum is refused with both', async () => {
  const sha256 = 'ab'.repeat(32)
  const folder = await writeBundle(models, tinyModel(), { ...tinyDescription, sha256 })
  await assert.rejects(
    openOnnxEmbedder({ folder, provider: 'cpu' }),
    failsWith('MODEL_INVALID', sha256, /got [0-9a-f]{64}$/),
  )
})

test('a bundle whose file is no model, or whose name is not its folder’s, is refused', async () => {
  const garbage = await writeBundle(models, Buffer.from('not a model'))
  await assert.rejects(
    openOnnxEmbedder({ folder: garbage, provider: 'cpu' }),
    failsWith('MODEL_INVALID', 'tiny'),
  )
  const folder = await writeBundle(models, tinyModel(), { ...tinyDescription, name: 'moved' })
  await writeFile(
    join(folder, 'model.json'),
    JSON.stringify({ ...tinyDescription, sha256: 'ab'.repeat(32) }),
  )
  await assert.rejects(
    openOnnxEmbedder({ folder, provider: 'cpu' }),
    failsWith('MODEL_INVALID', '"moved"', '"tiny"'),
  )
})

test('a folder without a bundle is no model', async () => {
  await assert.rejects(
    openOnnxEmbedder({ folder: join(models, 'nowhere'), provider: 'cpu' }),
    failsWith('MODEL_NOT_FOUND', 'nowhere'),
  )
})

test('a graph that onnxruntime cannot load is refused', async () => {
  const tail = tinyModel({ tail: [] })
  const folder = await writeBundle(models, tail)
  await assert.rejects(
    openOnnxEmbedder({ folder, provider: 'cpu' }),
    failsWith('MODEL_INVALID', 'onnxruntime'),
  )
})

test('a thread that owes an answer for long is silent before it is given up', async () => {
  const folder = await writeBundle(models, tinyModel())
  const script = new URL('../../support/silent-thread.js', import.meta.url)
  const options = { folder, provider: 'cpu', script, answerTimeoutMs: 1000 } as const
  await withEmbedder(options, async (embedder) => {
    const answer = assert.rejects(embedder.embed(flat(1, 2, 3)), failsWith('THREAD_FAILED'))
    let ended = false
    void answer.then(() => {
      ended = true
    })
    while (!embedder.isSilent) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(ended, false)
    await answer
  })
})

test('without a size of batch given, the fastest one is found and reported', async () => {
  const folder = await writeBundle(models, tinyModel())
  await withEmbedder({ folder, provider: 'cpu' }, async ({ maxBatch }) => {
    assert.ok([1, 2, 4, 8, 16, 32].includes(maxBatch), `got ${maxBatch}`)
  })
  const given = { provider: 'cpu', maxBatch: 5 } as const
  await withEmbedder({ folder, ...given }, async ({ maxBatch }) => {
    assert.equal(maxBatch, 5)
  })
  const single = await writeBundle(models, tinyModel({ batch: 1, ...reshapeToOne }))
  await withEmbedder({ folder: single, ...given }, async ({ maxBatch }) => {
    assert.equal(maxBatch, 1)
  })
})

test('when the thread dies, the waiting and the later calls fail instead of hanging', async () => {
  const folder = await writeBundle(models, tinyModel())
  const script = new URL('../../support/dying-thread.js', import.meta.url)
  await withEmbedder({ folder, provider: 'cpu', script, maxBatch: 1 }, async (embedder) => {
    const calls = [1, 2, 3].map(() => embedder.embed(flat(120, 130, 140)))
    for (const call of calls) await assert.rejects(call, failsWith('THREAD_FAILED', 'tiny'))
    await assert.rejects(embedder.embed(flat(120, 130, 140)), failsWith('THREAD_FAILED', '7'))
  })
})

test('a thread that never answers a batch is given up, and stays silent', async () => {
  const folder = await writeBundle(models, tinyModel())
  const script = new URL('../../support/silent-thread.js', import.meta.url)
  const options = { folder, provider: 'cpu', script, answerTimeoutMs: 20 } as const
  await withEmbedder(options, async (embedder) => {
    assert.equal(embedder.isSilent, false)
    await assert.rejects(embedder.embed(flat(1, 2, 3)), failsWith('THREAD_FAILED', '20 ms'))
    await assert.rejects(embedder.embed(flat(1, 2, 3)), failsWith('THREAD_FAILED', '20 ms'))
    await embedder.close()
    assert.equal(embedder.isSilent, true)
  })
})

test('a closed embedder takes no more images, and closes twice', async () => {
  const folder = await writeBundle(models, tinyModel())
  const embedder = await openOnnxEmbedder({ folder, provider: 'cpu' })
  const running = embedder.embed(flat(120, 130, 140))
  const waiting = assert.rejects(embedder.embed(flat(9, 9, 9)), failsWith('SHUTTING_DOWN'))
  await embedder.close()
  await Promise.all([running, waiting])
  await assert.rejects(embedder.embed(flat(120, 130, 140)), failsWith('SHUTTING_DOWN'))
  await embedder.close()
})

test('bundles are listed by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lookalike-models-'))
  try {
    await writeBundle(folder, tinyModel(), { ...tinyDescription, name: 'second' })
    await writeBundle(folder, tinyModel(), { ...tinyDescription, name: 'first' })
    await writeFile(join(folder, 'README.md'), 'no bundle')
    assert.deepEqual(
      (await listModels({ modelsFolder: folder, shippedModels: null })).map(({ name }) => name),
      ['first', 'second'],
    )
    const nowhere = { modelsFolder: join(folder, 'none'), shippedModels: null }
    await assert.rejects(listModels(nowhere), failsWith('MODEL_NOT_FOUND'))
  } finally {
    await rm(folder, { recursive: true })
  }
})
