import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SearchRequest } from '../../src/collection/requests.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { type Colour, colour, pngOf, vectorOfColour } from '../support/colour-models.ts'
import { failsWith } from '../support/errors.ts'
import {
  add,
  addMany,
  ended,
  hasDone,
  holds,
  id,
  opened,
  reembedded,
  start,
} from '../support/reembedding.ts'

function byColour(vector: readonly number[], changes: Partial<SearchRequest> = {}): SearchRequest {
  return {
    query: { positive: [{ kind: 'vector', vector }], negative: [] },
    k: 3,
    radius: null,
    filter: null,
    groupBy: null,
    groupSize: 1,
    exactIndex: 'scan',
    accuracy: 'exact',
    include: [],
    limit: 100,
    cursor: null,
    ...changes,
  }
}

test('each record gets the vector of the new model, of another length, and keeps it after a restart', async (t) => {
  const first = await opened(t, 'original')
  const wanted = await addMany(first.collection, 60)
  const job = await reembedded(first, { model: 'both' })
  assert.deepEqual(job.progress, { done: 60, total: 60, counts: { embedded: 60 } })
  assert.equal(first.collection.spec.dimensions, 6)
  await holds(first.collection, 'both', wanted)
  const again = await first.reopen()
  await holds(again.collection, 'both', wanted)
  await add(again.collection, 60)
  await holds(again.collection, 'both', wanted.set(id(60), colour(60)))
  const answer = await again.collection.search(byColour(vectorOfColour('both', colour(7))))
  assert.equal(answer.matches[0]!.id, id(7))
})

test('searches see the old vectors alone until the new ones are active, and then those alone', async (t) => {
  const first = await opened(t, 'original')
  await addMany(first.collection, 150)
  const job = await start(first, { model: 'weighed' })
  const seen = new Set<string>()
  for (let n = 0; first.service.jobs.runner.job(job.id).finishedAt === null; n = (n + 1) % 150) {
    const before = first.collection.spec.model!
    const { matches } = await first.collection.search({
      ...byColour([]),
      query: { positive: [{ kind: 'image', bytes: await pngOf(colour(n)) }], negative: [] },
      include: ['vector'],
    })
    const after = first.collection.spec.model!
    assert.equal(matches[0]!.id, id(n))
    assert.ok(matches[0]!.distance < 1e-6, `${matches[0]!.distance}`)
    const fits = [before, after].filter((model) => {
      const vector = vectorOfColour(model, colour(n))
      return matches[0]!.vector!.every((value, i) => Math.abs(value - vector[i]!) < 1e-5)
    })
    assert.ok(fits.length > 0, 'a vector of the active model')
    seen.add(fits[0]!)
  }
  assert.ok(seen.has('roots'), 'searches were answered while the job ran')
  assert.equal(first.collection.spec.model, 'weighed')
})

test('a page of the old vectors has no next page among the new ones', async (t) => {
  const first = await opened(t, 'original')
  await addMany(first.collection, 20)
  const request = byColour([1, 0, 0], { k: null, radius: 2, limit: 5 })
  const { cursor } = await first.collection.search(request)
  await reembedded(first, { model: 'weighed' })
  await assert.rejects(first.collection.search({ ...request, cursor }), failsWith('INVALID_CURSOR'))
})

for (const keep of ['original', 'none'] as const) {
  test(`no write is lost, and none is in the wrong space, while a collection that keeps ${keep} moves`, async (t) => {
    const seed = 5
    const random = seededRandom(seed)
    const first = await opened(t, keep)
    const wanted = await addMany(first.collection, 60)
    const pictures = join(first.root, 'pictures')
    mkdirSync(join(pictures, 'n'), { recursive: true })
    for (const [name, as] of wanted) writeFileSync(join(pictures, name), await pngOf(as))
    const job = await start(first, {
      model: 'weighed',
      ...(keep === 'none' && { from: { kind: 'folder', folder: 'pictures' } }),
    })
    const { runner } = first.service.jobs
    const signal = AbortSignal.timeout(60_000)
    // From here on pictures get both vectors: nothing else has those of `none`.
    while (runner.job(job.id).progress.total === null) await runner.changed(job.id, signal)
    let writes = 0
    const writer = async (mine: number) => {
      while (runner.job(job.id).finishedAt === null) {
        const n = mine + 4 * Math.floor(random() * 20)
        writes++
        if (random() < 0.3) {
          await first.collection.deleteMany({ ids: [id(n)] })
          wanted.delete(id(n))
        } else {
          const as = colour(1000 + Math.floor(random() * 1e6))
          await add(first.collection, n, as)
          wanted.set(id(n), as)
        }
      }
    }
    await Promise.all([0, 1, 2, 3].map(writer))
    const { state, error, failures } = runner.job(job.id)
    assert.equal(state, 'succeeded', `seed ${seed}: ${JSON.stringify([error, failures])}`)
    assert.ok(writes > 10, `seed ${seed}: ${writes} writes`)
    await holds(first.collection, 'weighed', wanted)
    await holds((await first.reopen()).collection, 'weighed', wanted)
  })
}

test('records whose picture is missing are named, and nothing changes without permission', async (t) => {
  const first = await opened(t, 'none')
  const { collection } = first
  const wanted = await addMany(collection, 10)
  await collection.addVectors([{ id: 'given', vector: [1, 2, 3], metadata: {} }])
  mkdirSync(join(first.root, 'pictures', 'n'), { recursive: true })
  const write = async (n: number, as: Colour) =>
    writeFileSync(join(first.root, 'pictures', id(n)), await pngOf(as))
  for (let n = 0; n < 8; n++) await write(n, colour(n))
  await write(8, colour(500))
  const from = { kind: 'folder', folder: 'pictures' } as const
  const failed = await ended(first, await start(first, { model: 'both', from }))
  assert.deepEqual([failed.state, failed.error?.code], ['failed', 'REEMBED_INCOMPLETE'])
  assert.deepEqual(
    Object.fromEntries(failed.failures.map(({ item, code }) => [item, code])),
    Object.fromEntries(['given', id(8), id(9)].map((item) => [item, 'PICTURE_MISSING'])),
  )
  assert.equal(collection.spec.model, 'roots')
  assert.equal(collection.count, 11)

  const job = await reembedded(first, { model: 'both', from, missing: 'keep' })
  assert.deepEqual(job.progress.counts, { skipped: 8, refused: 3 })
  assert.equal(collection.count, 8)
  const all = byColour(vectorOfColour('both', colour(0)), { k: null, radius: 2 })
  assert.equal((await collection.search(all)).matches.length, 8)
  const reopened = await first.reopen()
  assert.equal(reopened.collection.count, 8)
  assert.equal((await reopened.collection.record('given', { vector: true })).vector, undefined)
  assert.equal(await reopened.collection.deleteMany({ ids: ['given', 'unknown'] }), 1)

  await write(8, colour(8))
  await write(9, colour(9))
  await reembedded(reopened, { model: 'both', from })
  await holds(reopened.collection, 'both', wanted)
})

test('the way back needs pictures only of what was written since, and a dropped generation is gone', async (t) => {
  const first = await opened(t, 'original')
  const { collection, service } = first
  const wanted = await addMany(collection, 20)
  const { reembeddings } = service.jobs
  assert.deepEqual(await reembeddings.generations('c'), [])
  const before = (await collection.status()).bytes.disk
  await reembedded(first, { model: 'both' })
  assert.ok((await collection.status()).bytes.disk >= before + 20 * 24)
  await add(collection, 20)
  await add(collection, 3, colour(300))
  wanted.set(id(20), colour(20)).set(id(3), colour(300))
  const back = await reembedded(first, { model: 'roots' })
  assert.deepEqual(back.progress.counts, { skipped: 19, embedded: 2 })
  await holds(collection, 'roots', wanted)
  const list = async () =>
    (await reembeddings.generations('c')).map(({ generation, model, inForce }) => [
      ...[generation, model, inForce],
    ])
  assert.deepEqual(await list(), [
    [0, 'roots', true],
    [1, 'both', false],
  ])
  await assert.rejects(reembeddings.drop('c', 0), failsWith('GENERATION_IN_FORCE'))
  await assert.rejects(reembeddings.drop('c', 7), failsWith('GENERATION_NOT_FOUND'))
  await reembeddings.drop('c', 1)
  await assert.rejects(reembeddings.drop('c', 1), failsWith('GENERATION_NOT_FOUND'))
  assert.deepEqual(await list(), [[0, 'roots', true]])
  await holds((await first.reopen()).collection, 'roots', wanted)
})

test('a job that a stop interrupts goes on where it was', async (t) => {
  const first = await opened(t, 'original')
  const wanted = await addMany(first.collection, 150)
  const job = await start(first, { model: 'both' })
  await hasDone(first, job, 40)
  const second = await first.reopen()
  const { state, progress } = await ended(second, job)
  assert.equal(state, 'succeeded')
  assert.deepEqual(progress, { done: 150, total: 150, counts: progress.counts })
  await holds(second.collection, 'both', wanted)
})

test('a cancelled job changes nothing, and the next one goes on with what it made', async (t) => {
  const first = await opened(t, 'original')
  const wanted = await addMany(first.collection, 150)
  const job = await start(first, { model: 'both' })
  await hasDone(first, job, 70)
  assert.equal((await first.service.jobs.runner.cancel(job.id)).state, 'cancelled')
  await holds(first.collection, 'roots', wanted)
  const { counts } = (await reembedded(first, { model: 'both' })).progress
  assert.ok(counts.skipped! >= 32, JSON.stringify(counts))
  await holds(first.collection, 'both', wanted)
})

test('what cannot be done, or need not, is refused at once', async (t) => {
  const first = await opened(t, 'original')
  const { service, collection } = first
  await addMany(collection, 100)
  await assert.rejects(
    start(first, { model: 'roots' }),
    failsWith('REEMBED_REFUSED', 'another model'),
  )
  await assert.rejects(start(first, { model: 'nothing' }), failsWith('MODEL_NOT_FOUND'))
  const outside = { kind: 'folder', folder: '..' } as const
  await assert.rejects(
    start(first, { model: 'both', from: outside }),
    failsWith('IMPORT_FOLDER_REFUSED'),
  )
  const input = { model: 'both', from: { kind: 'originals' }, missing: 'fail' } as const
  const { reembeddings } = service.jobs
  await service.collections.create({ name: 'unkept' })
  await assert.rejects(reembeddings.start('unkept', input), failsWith('REEMBED_REFUSED', '"none"'))
  await service.collections.create({ name: 'points', dimensions: 2 })
  await assert.rejects(reembeddings.start('points', input), failsWith('COLLECTION_WITHOUT_MODEL'))
  const job = await start(first, { model: 'both' })
  await assert.rejects(start(first, { model: 'weighed' }), failsWith('REEMBED_REFUSED', job.id))
  await assert.rejects(reembeddings.drop('c', 1), failsWith('REEMBED_REFUSED', job.id))
  assert.equal((await ended(first, job)).state, 'succeeded')
})
