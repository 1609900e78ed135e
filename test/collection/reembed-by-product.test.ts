import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  addEmbeddingLayers,
  type EmbeddingLayers,
  readEmbeddingLayers,
} from '../../src/onnx/embedding-layers.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { colour, pngOf } from '../support/colour-models.ts'
import { failsWith } from '../support/errors.ts'
import { add, addMany, id, type Opened, opened, reembedded, start } from '../support/reembedding.ts'
import { writeBundle } from '../support/tiny-model.ts'

const SEED = 11

type Head = Pick<EmbeddingLayers, 'layers' | 'share'>

function affine(inputs: number, outputs: number, random: () => number) {
  const numbers = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5)
  return { inputs, outputs, weight: numbers(inputs * outputs), bias: numbers(outputs) }
}

/** On three features: linear, with a hidden layer in two slices, and beside the features themselves. */
function heads(): Readonly<Record<string, Head>> {
  const random = seededRandom(SEED)
  const linear = { hidden: null, last: affine(3, 5, random), slices: 1 }
  const deep = { hidden: affine(3, 8, random), last: affine(8, 4, random), slices: 2 }
  return {
    linear: { layers: linear, share: 1 },
    deep: { layers: deep, share: 1 },
    joined: { layers: linear, share: 0.3 },
    'backbone-again': { layers: null, share: 1 },
  }
}

interface Trained {
  readonly name: string
  readonly head: Head
  readonly on: string
  readonly sha256?: string
}

/** Writes a model as a training does, behind the model `on` of the folder. */
async function writeTrained(models: string, { name, head, on, sha256 }: Trained): Promise<void> {
  const onnx = readFileSync(join(models, on, 'model.onnx'))
  const description = JSON.parse(readFileSync(join(models, on, 'model.json'), 'utf8'))
  const found = createHash('sha256').update(onnx).digest('hex')
  const metadata = { 'lookalike.backbone.sha256': sha256 ?? found }
  const model = addEmbeddingLayers(onnx, { output: description.output, ...head, metadata })
  const output = { name: model.outputName, dimensions: model.dimensions, normalise: 'l2' as const }
  await writeBundle(models, model.bytes, { ...description, name, output, sha256: '' })
}

async function vectorsOf({ collection }: Opened): Promise<Map<string, Float32Array>> {
  const { records } = await collection.page({
    limit: 99,
    cursor: null,
    filter: null,
    vectors: true,
  })
  return new Map(records.map((record) => [record.id, record.vector!]))
}

for (const [name, head] of Object.entries(heads())) {
  test(`the vectors of a ${name} head come from those of its backbone as from the pictures, within 1e-4`, async (t) => {
    const first = await opened(t, 'none')
    const { service, collection, root } = first
    await addMany(collection, 30)
    const model = `${name}-head`
    await writeTrained(join(root, 'models'), { name: model, head, on: 'roots' })
    const job = await reembedded(first, { model, from: { kind: 'vectors' } })
    assert.deepEqual(job.progress.counts, { embedded: 30 })
    const vectors = await vectorsOf(first)
    assert.equal(vectors.size, 30)
    for (let n = 0; n < 30; n++) {
      const embedded = await service.embeddings.embed(
        { model, input: [await pngOf(colour(n))], dimensions: null, unit: null },
        { signal: AbortSignal.timeout(60_000) },
      )
      const got = vectors.get(id(n))!
      assert.equal(got.length, embedded.vectors[0]!.length)
      for (const [i, value] of embedded.vectors[0]!.entries()) {
        const difference = Math.abs(value - got[i]!)
        assert.ok(difference < 1e-4, `seed ${SEED}, picture ${n}: ${difference} away`)
      }
    }
  })

  test(`a ${name} head is read as it was written`, async (t) => {
    const { root } = await opened(t, 'none')
    const models = join(root, 'models')
    await writeTrained(models, { name: 'head', head, on: 'roots' })
    const found = readEmbeddingLayers(readFileSync(join(models, 'head', 'model.onnx')))
    assert.deepEqual(found!.layers, head.layers)
    assert.ok(Math.abs(found!.share - head.share) < 1e-6)
  })
}

test('vectors of any other model than the backbone are no source, and say why', async (t) => {
  const first = await opened(t, 'original')
  await add(first.collection, 1)
  const models = join(first.root, 'models')
  const head = heads().linear!
  await writeTrained(models, { name: 'elsewhere', head, on: 'weighed' })
  await writeTrained(models, { name: 'stranger', head, on: 'roots', sha256: 'f'.repeat(64) })
  const from = { kind: 'vectors' } as const
  const refused = (model: string, ...words: (string | RegExp)[]) =>
    assert.rejects(start(first, { model, from }), failsWith('REEMBED_REFUSED', ...words))
  await refused('elsewhere', 'its backbone has the SHA-256')
  await refused('stranger', 'ffff')
  await refused('both', 'it was not trained here')
  // The active vectors are those of a head now, not of its backbone.
  await writeTrained(models, { name: 'head', head, on: 'roots' })
  await reembedded(first, { model: 'head', from })
  await writeTrained(models, { name: 'other-head', head: heads().deep!, on: 'roots' })
  await refused('other-head', 'its backbone has the SHA-256')
})

test('a head that was trained on a head is found by the layers that came last', async (t) => {
  const { root } = await opened(t, 'none')
  const models = join(root, 'models')
  await writeTrained(models, { name: 'head', head: heads().linear!, on: 'roots' })
  const random = seededRandom(SEED + 1)
  const second = { layers: { hidden: null, last: affine(5, 2, random), slices: 1 }, share: 1 }
  await writeTrained(models, { name: 'head-of-head', head: second, on: 'head' })
  const found = readEmbeddingLayers(readFileSync(join(models, 'head-of-head', 'model.onnx')))
  assert.deepEqual(found!.layers, second.layers)
})
