import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Config, loadConfig } from '../../src/config/config.ts'
import { type Service, startService } from '../../src/service/service.ts'
import { runCommand } from '../support/command-line.ts'
import { type Answer, call, startServer } from '../support/http.ts'
import { type LabelledPictures, labelledPictures } from '../support/labelled-pictures.ts'

const recipe = { objective: 'multi-similarity', dimensions: 2, steps: 20 }

/** A service with the tiny model by default, whose import root is the parent of the pictures. */
async function withService(
  t: TestContext,
  { root, models }: LabelledPictures,
  use: (parts: { service: Service; send: Send; finished: Finished }) => Promise<void>,
): Promise<void> {
  const flags = { data: join(root, 'data'), models, model: 'tiny', importRoot: root }
  const config: Config = { ...loadConfig({}, flags), provider: 'cpu' }
  const service = await startService(config, {
    jobFailed: (_job, cause) => t.diagnostic(String(cause)),
    onGraphFile() {},
    modelReplaced() {},
    modelNotReplaced() {},
  })
  await service.loaded
  await service.jobs.open()
  const { collections, embeddings, jobs } = service
  const server = await startServer(collections, { embeddings, jobs, anonymous: 'write' })
  const send: Send = (method, path, body) => call(server, method, path, body)
  try {
    await use({
      service,
      send,
      async finished({ status, headers, body }) {
        assert.equal(status, 202, JSON.stringify(body))
        assert.equal(headers.get('location'), `/v1/jobs/${body.id}`)
        await (await fetch(`${server.origin}/v1/jobs/${body.id}/events`)).text()
        return (await send('GET', `/v1/jobs/${body.id}`)).body
      },
    })
  } finally {
    await server.server.close()
    await service.close()
  }
}

type Send = (method: string, path: string, body?: unknown) => Promise<Answer>
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to find
type Finished = (started: Answer) => Promise<any>

test('a training job makes the model that the command makes, listed and ready for a collection', async (t) => {
  const pictures = await labelledPictures(t, 10, 6)
  const { root, folder, models, labels } = pictures
  writeFileSync(join(folder, labels[0]!, 'broken.png'), 'this is text')
  const file = join(root, 'recipe.json')
  writeFileSync(file, JSON.stringify(recipe))
  const ran = await runCommand([
    ...['train', folder, '--recipe', file, '--name', 'by-command', '--json'],
    ...['--data', join(root, 'other data'), '--models', models, '--model', 'tiny'],
  ])
  assert.equal(ran.status, 3, ran.stderr)
  const { seconds: _, model: __, ...report } = JSON.parse(ran.stdout)
  await withService(t, pictures, async ({ send, finished }) => {
    const order = { name: 'by-job', folder: 'pictures', ...recipe }
    const job = await finished(await send('POST', '/v1/trainings', order))
    assert.deepEqual([job.state, job.kind, job.collection], ['succeeded', 'training', null])
    assert.deepEqual(
      job.failures.map(({ item, code }: { item: string; code: string }) => [item, code]),
      [[`${labels[0]}/broken.png`, 'NOT_AN_IMAGE']],
    )
    const { details } = job
    const { seconds: ___, model, ...got } = details.report
    assert.deepEqual(got, report)
    assert.equal(model, 'by-job')
    const onnx = (name: string) => readFileSync(join(models, name, 'model.onnx'))
    assert.deepEqual(onnx('by-job'), onnx('by-command'), 'bit by bit')
    const last = details.curve.at(-1)
    assert.deepEqual(Object.keys(last), ['head', 'start', 'step', 'loss', 'mapAtR'])
    assert.ok(details.curve.length >= 4, JSON.stringify(details.curve))

    const names = (await send('GET', '/v1/models')).body.data.map(({ id }: { id: string }) => id)
    assert.ok(names.includes('by-job'), names.join(', '))
    const made = await send('PUT', '/v1/collections/c', { model: 'by-job' })
    assert.equal(made.status, 201, JSON.stringify(made.body))

    assert.equal((await send('POST', '/v1/trainings', order)).body.code, 'MODEL_EXISTS')
    const used = await send('POST', '/v1/trainings', { ...order, replace: true })
    assert.match(used.body.detail, /nobody uses.*by-job, of the collection c/)
  })
})

test('a collection trains by its vectors as the folder does that it came from, without a picture', async (t) => {
  const pictures = await labelledPictures(t, 10, 6)
  await withService(t, pictures, async ({ send, finished }) => {
    await send('PUT', '/v1/collections/c', {})
    await finished(await send('POST', '/v1/collections/c/import', { folder: 'pictures' }))
    const order = { name: 'of-folder', folder: 'pictures', ...recipe }
    const ofFolder = await finished(await send('POST', '/v1/trainings', order))
    renameSync(pictures.folder, join(pictures.root, 'away'))
    const from = { collection: 'c', field: 'label' }
    const job = await finished(
      await send('POST', '/v1/trainings', { name: 'of-vectors', ...from, ...recipe }),
    )
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error))
    // Vectors of other batches may differ in their last bits, which a loss shows.
    const { split, test: tested, steps } = job.details.report
    const { report } = ofFolder.details
    assert.deepEqual(
      { split, tested, steps },
      { split: report.split, tested: report.test, steps: report.steps },
    )
  })
})

test('a service that stops resumes the training at the next start, to the same model', async (t) => {
  const pictures = await labelledPictures(t, 8, 4)
  const order = { name: 'learnt', folder: 'pictures', ...recipe, steps: 400 }
  let id = ''
  await withService(t, pictures, async ({ service, send }) => {
    id = (await send('POST', '/v1/trainings', order)).body.id
    const { runner } = service.jobs
    const points = () => (runner.job(id).details as { curve: [] } | null)?.curve.length ?? 0
    while (points() < 3) await runner.changed(id, AbortSignal.timeout(60_000))
  })
  assert.equal(readdirSync(join(pictures.root, 'data', 'trainings')).length, 1)
  await withService(t, pictures, async ({ service, send, finished }) => {
    const { runner } = service.jobs
    while (runner.job(id).finishedAt === null) {
      await runner.changed(id, AbortSignal.timeout(60_000))
    }
    const { body: job } = await send('GET', `/v1/jobs/${id}`)
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error))
    assert.match(job.details.notes.join('\n'), /^going on where an earlier training stopped/m)
    const steps = job.details.curve.map(({ head, step }: { head: number; step: number }) =>
      [head, step].join(' '),
    )
    assert.deepEqual(steps, [...new Set(steps)], 'no point twice')
    const whole = await finished(await send('POST', '/v1/trainings', { ...order, name: 'whole' }))
    const [{ split, test: tested }, other] = [job.details.report, whole.details.report]
    assert.deepEqual({ split, tested }, { split: other.split, tested: other.test })
    const [resumed, uninterrupted] = ['learnt', 'whole'].map((name) =>
      readFileSync(join(pictures.models, name, 'model.onnx')),
    )
    assert.deepEqual(resumed, uninterrupted)
  })
})

test('a training that is cancelled ends, and leaves no model', async (t) => {
  const pictures = await labelledPictures(t, 8, 4)
  await withService(t, pictures, async ({ service, send }) => {
    const order = { name: 'learnt', folder: 'pictures', ...recipe, steps: 10_000 }
    const { id } = (await send('POST', '/v1/trainings', order)).body
    const { runner } = service.jobs
    while (runner.job(id).details === null) await runner.changed(id, AbortSignal.timeout(60_000))
    assert.equal((await send('DELETE', `/v1/jobs/${id}`)).body.state, 'cancelled')
    assert.equal(readdirSync(pictures.models).includes('learnt'), false)
  })
})

test('a CSV file gives labels and parts, and every bad line of it is named', async (t) => {
  const pictures = await labelledPictures(t, 10, 4)
  const { root, folder, labels } = pictures
  const parts = ['train', 'train', 'train', 'train', 'validation', 'validation', 'validation']
  const lines = labels.flatMap((label, i) =>
    readdirSync(join(folder, label)).map((name) => {
      return `../pictures/${label}/${name},"${label}, and more",${parts[i] ?? 'test'}`
    }),
  )
  mkdirSync(join(root, 'lists'))
  writeFileSync(join(root, 'lists', 'all.csv'), ['path,label,split', ...lines].join('\n'))
  const bad = ['path,label,split', 'a.png,,train', 'b.png,x', lines[0], 'c.png,x,tset', lines[0]]
  writeFileSync(join(root, 'lists', 'bad.csv'), bad.join('\n'))
  await withService(t, pictures, async ({ send, finished }) => {
    const order = (csv: string) => ({ name: 'learnt', csv: `lists/${csv}`, ...recipe })
    const job = await finished(await send('POST', '/v1/trainings', order('all.csv')))
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error))
    const { split } = job.details.report
    const named = (from: number, to: number) => labels.slice(from, to).map((l) => `${l}, and more`)
    assert.deepEqual(split.train, named(0, 4))
    assert.deepEqual(split.validation, named(4, 7))
    assert.deepEqual(split.test, named(7, 10))

    const failed = await finished(
      await send('POST', '/v1/trainings', { ...order('bad.csv'), name: 'other' }),
    )
    assert.equal(failed.error.code, 'INVALID_REQUEST')
    assert.match(failed.error.detail, /^lists\/bad\.csv: line 2: /)
    assert.deepEqual(failed.details.notes, [
      'line 2: expected a label, got none',
      'line 3: expected 3 cells as in the header, got 2',
      'line 5: expected a split of train, validation, test, got "tset"',
      'line 6: a path again',
    ])
  })
})

test('what cannot be trained is refused at once, by the member that is wrong', async (t) => {
  const pictures = await labelledPictures(t, 6, 2)
  await withService(t, pictures, async ({ send }) => {
    await send('PUT', '/v1/collections/points', { dimensions: 2 })
    await send('PUT', '/v1/collections/c', {})
    const order = { name: 'learnt', folder: 'pictures', ...recipe }
    const { folder: _, ...nowhere } = order
    const { objective: __, ...aimless } = order
    for (const [body, status, code, detail] of [
      [nowhere, 400, 'INVALID_REQUEST', /one of folder, csv and collection, got none/],
      [{ ...order, csv: 'a.csv' }, 400, 'INVALID_REQUEST', /got folder and csv/],
      [{ ...nowhere, collection: 'c' }, 400, 'INVALID_REQUEST', /collection and field, got one/],
      [{ ...order, field: 'x' }, 400, 'INVALID_REQUEST', /collection and field, got one/],
      [{ ...order, name: '../x' }, 400, 'INVALID_NAME', /letters, digits/],
      [{ ...order, name: 'tiny' }, 400, 'INVALID_NAME', /than the backbone's/],
      [{ ...order, model: '../x' }, 404, 'MODEL_NOT_FOUND', /no model "\.\.\/x"/],
      [aimless, 400, 'INVALID_REQUEST', /\/objective: expected this member/],
      [{ ...order, objective: 'margn' }, 400, 'INVALID_REQUEST', /\/objective: .*margn/],
      [{ ...order, head: { kind: 'mlp', size: 3 } }, 400, 'INVALID_REQUEST', /\/head: .*"size"/],
      [{ ...order, step: 3 }, 400, 'INVALID_REQUEST', /\/step: unknown member/],
      [{ ...order, jrd: 1 }, 400, 'TRAINING_INVALID', /proxies for JRD/],
      [{ ...order, starts: ['inner'] }, 400, 'TRAINING_INVALID', /beside inner, since a service/],
      [{ ...order, dimensions: 4 }, 400, 'TRAINING_INVALID', /at most the 3 dimensions of tiny/],
      [{ ...order, folder: '../..' }, 400, 'IMPORT_FOLDER_REFUSED', /below the import root/],
      [{ ...nowhere, csv: 'pictures' }, 400, 'IMPORT_FOLDER_REFUSED', /a file below/],
      [{ ...nowhere, collection: 'x', field: 'y' }, 404, 'COLLECTION_NOT_FOUND', /x/],
      [
        { ...nowhere, collection: 'c', field: 'y', views: 2 },
        ...([400, 'TRAINING_INVALID', /1 view of stored vectors.*got 2/] as const),
      ],
      [
        { ...nowhere, collection: 'points', field: 'y' },
        ...([409, 'COLLECTION_WITHOUT_MODEL', /a collection with a model/] as const),
      ],
      [
        { ...nowhere, collection: 'c', field: 'y', model: 'efficientnet-lite0' },
        ...([400, 'INVALID_REQUEST', /\/model: expected no other model than tiny/] as const),
      ],
    ] as const) {
      const refused = await send('POST', '/v1/trainings', body)
      assert.deepEqual([refused.status, refused.body.code], [status, code], refused.body.detail)
      assert.match(refused.body.detail, detail)
    }
    assert.deepEqual((await send('GET', '/v1/jobs')).body.jobs, [])
  })
})
