import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ended, type Opened, opened, start } from '../support/reembedding.ts'
import { EIGHT_BIT_MODELS, FLOAT_MODEL } from '../support/shipped-models.ts'

const FOLDER = 'examples/emoji/food-fruit'
const drawings = readdirSync(FOLDER)
  .slice(0, 6)
  .map((name) => ({ id: name, bytes: readFileSync(join(FOLDER, name)) }))

/** A collection of the float model that keeps its originals. */
async function ofFloatModel(t: Parameters<typeof opened>[0]): Promise<Opened> {
  const first = await opened(t, 'original', { modelsFolder: 'models', model: FLOAT_MODEL })
  for (const drawing of drawings) await first.collection.addImage({ ...drawing, metadata: {} })
  return first
}

for (const model of EIGHT_BIT_MODELS) {
  test(`a collection of the float model moves to ${model} as a whole, with its progress`, async (t) => {
    const first = await ofFloatModel(t)
    const { service, collection } = first
    const job = await start(first, { model })
    const { runner } = service.jobs
    const signal = AbortSignal.timeout(60_000)
    const seen: number[] = []
    while (runner.job(job.id).finishedAt === null) {
      await runner.changed(job.id, signal)
      seen.push(runner.job(job.id).progress.done)
    }
    const { state, error, progress } = await ended(first, job)
    assert.deepEqual([state, error], ['succeeded', null])
    assert.deepEqual([progress.done, progress.total], [6, 6])
    assert.deepEqual(progress.counts, { embedded: 6 })
    assert.ok(new Set(seen).size > 2, `saw ${seen} of 6`)

    assert.equal(collection.spec.model, model)
    const page = { limit: 99, cursor: null, filter: null, vectors: true } as const
    const { records } = await collection.page(page)
    const { vectors } = await service.embeddings.embed(
      { model, input: drawings.map(({ bytes }) => bytes), dimensions: null, unit: null },
      { signal },
    )
    for (const [i, { id }] of drawings.entries()) {
      const got = records.find((record) => record.id === id)!.vector!
      const difference = Math.hypot(...got.map((value, at) => value - vectors[i]![at]!))
      assert.ok(difference < 1e-6, `${id}: ${difference} away from what ${model} makes`)
    }
    const generations = await service.jobs.reembeddings.generations('c')
    assert.deepEqual(
      generations.map((one) => [one.model, one.inForce]),
      [
        [FLOAT_MODEL, false],
        [model, true],
      ],
    )
  })
}
