import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bundleCatalogue } from '../../src/adapters/models-folder/bundle-catalogue.ts'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { guardedUrlFetcher } from '../../src/adapters/url-fetch/guarded-url-fetcher.ts'
import { CollectionModels } from '../../src/collection/collection-models.ts'
import type { ImportDetails } from '../../src/collection/import/left-out-report.ts'
import type { Job } from '../../src/collection/jobs/job.ts'
import type { JobRunner } from '../../src/collection/jobs/job-runner.ts'
import { ImageEmbedder } from '../../src/embedding/image-embedder.ts'
import type { Metadata } from '../../src/engine/metadata.ts'
import { ImageScheduler } from '../../src/scheduling/image-scheduler.ts'
import { createJobs, type JobParts } from '../../src/service/job-parts.ts'
import { startService } from '../../src/service/service.ts'
import { failsWith } from '../support/errors.ts'
import { emoji } from '../support/images.ts'
import { withSqliteStore } from '../support/open-sqlite-store.ts'
import { copyPictures } from '../support/pictures.ts'
import { openService, type TestService, testConfig } from '../support/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const apple = emoji('google', '1f34e')

async function ended(runner: JobRunner, id: string) {
  const signal = AbortSignal.timeout(60_000)
  while (runner.job(id).finishedAt === null) await runner.changed(id, signal)
  return runner.job(id)
}

/** A service with a collection `c`, and jobs that may fetch from a server of the test. */
async function withUrlJobs(
  t: TestContext,
  answer: RequestListener,
  use: (parts: { jobs: JobParts; service: TestService; url: string }) => Promise<void>,
): Promise<void> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const service = await openService()
  const decoder = createSharpImageDecoder({ maxPixels: 1_000_000 })
  try {
    await service.collections.create({ name: 'c' })
    const folder = temporaryFolder(t)
    await withSqliteStore({ folder }, async (store) => {
      const { models } = service
      const clock = () => 0
      const scheduler = new ImageScheduler({ clock, processors: 2 })
      const images = new ImageEmbedder({ decoder, scheduler, clock })
      const jobs = createJobs({
        config: testConfig(folder),
        store: store.jobs,
        collections: service.collections,
        embeddings: new CollectionModels(models, images),
        catalogue: bundleCatalogue({ modelsFolder: 'models', shippedModels: null }),
        models,
        images,
        fetcher: guardedUrlFetcher({
          maxBytes: 100_000,
          ports: [port],
          resolve: async () => ['127.0.0.1'],
          isAllowed: (address) => address === '127.0.0.1',
        }),
        onFailed: (_job, cause) => t.diagnostic(String(cause)),
        onBroken: (cause) => assert.fail(cause),
      })
      await jobs.open()
      await use({ jobs, service, url: `http://pictures.example:${port}` })
      await jobs.close()
    })
  } finally {
    await decoder.close()
    await service.close()
    server.closeAllConnections()
    server.close()
  }
}

test('URLs are imported under their ids, and those that give no image are reported', async (t) => {
  const answer: RequestListener = (request, response) => {
    if (request.url === '/apple.png') response.end(apple)
    else response.writeHead(404).end()
  }
  await withUrlJobs(t, answer, async ({ jobs, service, url }) => {
    const items = [
      { url: `${url}/apple.png`, id: 'apple', metadata: { label: 'fruit' } },
      { url: `${url}/none.png`, id: 'none', metadata: {} },
      { url: 'http://10.0.0.1/x.png', id: 'private', metadata: {} },
    ]
    const job = await ended(jobs.runner, (await jobs.imports.urls('c', items)).id)
    assert.equal(job.state, 'succeeded')
    assert.deepEqual(job.progress, { done: 3, total: 3, counts: { added: 1, refused: 2 } })
    const codes = job.failures.map(({ item, code }) => `${item} ${code}`)
    assert.deepEqual(codes.sort(), ['none URL_FETCH_FAILED', 'private URL_REFUSED'])
    const record = await service.collections.get('c').record('apple', { vector: false })
    assert.deepEqual(record.metadata, { label: 'fruit' })
  })
})

test('an id twice in a list of URLs is refused before anything is fetched', async (t) => {
  const answer = () => assert.fail('fetched')
  await withUrlJobs(t, answer, async ({ jobs, url }) => {
    const item = { url, id: 'a', metadata: {} }
    await assert.rejects(jobs.imports.urls('c', [item, item]), failsWith('DUPLICATE_ID', '"a"'))
    assert.deepEqual(jobs.runner.list(), [])
  })
})

test('a cancelled import ends a fetch that hangs', async (t) => {
  let reached: () => void = () => undefined
  const hangs = new Promise<void>((resolve) => {
    reached = resolve
  })
  await withUrlJobs(
    t,
    () => reached(),
    async ({ jobs, url }) => {
      const { id } = await jobs.imports.urls('c', [{ url, id: 'a', metadata: {} }])
      await hangs
      assert.equal((await jobs.runner.cancel(id)).state, 'cancelled')
    },
  )
})

test('an import that a stop interrupts goes on at the next start, and adds every image once', async (t) => {
  const base = temporaryFolder(t)
  const importRoot = join(base, 'root')
  mkdirSync(importRoot)
  const sources = ['food-fruit/apple', 'food-fruit/pear', 'sport/golf', 'animal-bird/owl']
  const images = 70
  const pictures = Array.from({ length: images }, (_, i) => {
    return [`${String(i).padStart(3, '0')}.png`, `${sources[i % 4]}.google.png`] as const
  })
  copyPictures(importRoot, Object.fromEntries(pictures))
  // Left out: some before, some between and some behind the images.
  const notes = ['.hidden', '000.txt', '031.txt', '032', '069.png.txt', 'z']
  for (const name of notes) writeFileSync(join(importRoot, name), 'text')
  const all = images + notes.length
  const config = { ...testConfig(join(base, 'data')), importRoot }
  let id = ''
  for (const stopAt of [1, 36, all]) {
    const service = await startService(config)
    try {
      await service.loaded
      await service.jobs.open()
      const { runner, imports } = service.jobs
      if (id === '') {
        await service.collections.create({ name: 'c' })
        id = (await imports.folder('c', '.', { labelFrom: 'none', exclude: [] })).id
      }
      const signal = AbortSignal.timeout(60_000)
      while (runner.job(id).progress.done < stopAt) await runner.changed(id, signal)
      if (stopAt < all) continue
      const { state, progress, details } = await ended(runner, id)
      assert.equal(state, 'succeeded')
      const { added = 0, skipped = 0, ...others } = progress.counts
      assert.deepEqual([progress.done, added + skipped], [all, images])
      assert.deepEqual(others, { leftOut: notes.length })
      const { leftOut } = details as ImportDetails
      assert.deepEqual(
        leftOut.map(({ item }) => item),
        notes,
      )
      assert.ok(skipped < images, `${skipped} skipped`)
      assert.equal((await service.collections.get('c').status()).count, images)
    } finally {
      await service.close()
    }
  }
})

/** The records of the collection `c`, as id and metadata, in the order of ids. */
async function recordsOf(service: TestService) {
  const options = { limit: 100, cursor: null, filter: null, vectors: false }
  const { records } = await service.collections.get('c').page(options)
  return records.map(({ id, metadata }) => [id, metadata])
}

test('of URLs that give the same images, metadata that changed is taken, and what was not given stays', async (t) => {
  await withUrlJobs(
    t,
    (_, response) => response.end(apple),
    async ({ jobs, service, url }) => {
      const run = async (given: Record<string, Metadata>) => {
        const items = Object.entries(given).map(([id, metadata]) => ({ url, id, metadata }))
        return (await ended(jobs.runner, (await jobs.imports.urls('c', items)).id)).progress.counts
      }
      const first = { a: { n: 1, inner: { x: 1, y: 1 } }, b: { n: 1 }, c: { n: 1 } }
      assert.deepEqual(await run(first), { added: 3 })
      assert.deepEqual(await run(first), { skipped: 3 })
      await service.collections.get('c').patchMetadata('c', { seen: true })
      const second = { a: { inner: { x: 2 } }, b: { n: '1' }, c: {} }
      assert.deepEqual(await run(second), { updated: 2, skipped: 1 })
      assert.deepEqual(await recordsOf(service), [
        ['a', { inner: { x: 2 } }],
        ['b', { n: '1' }],
        ['c', { n: 1, seen: true }],
      ])
      assert.deepEqual(await run(second), { skipped: 3 })
    },
  )
})

/** A service with a collection `c` and a folder to import from. */
async function withFolder(
  t: TestContext,
  use: (parts: { service: TestService; root: string; run: () => Promise<Job> }) => Promise<void>,
): Promise<void> {
  const root = temporaryFolder(t)
  const service = await openService({ importRoot: root })
  try {
    await service.collections.create({ name: 'c' })
    const { runner, imports } = service.jobs
    const run = async () => {
      const choices = { labelFrom: 'folder', exclude: [] } as const
      return await ended(runner, (await imports.folder('c', '.', choices)).id)
    }
    await use({ service, root, run })
  } finally {
    await service.close()
  }
}

test('an image without a label gets that of its folder, and one that somebody gave stays', async (t) => {
  await withFolder(t, async ({ service, root, run }) => {
    const source = 'food-fruit/apple.google.png'
    copyPictures(root, { 'a/1.png': source, 'a/2.png': source, '3.png': source })
    assert.deepEqual((await run()).progress.counts, { added: 3 })
    const collection = service.collections.get('c')
    await collection.patchMetadata('a/1.png', { label: null, n: 1 })
    await collection.patchMetadata('a/2.png', { label: 'by hand' })
    assert.deepEqual((await run()).progress.counts, { updated: 1, skipped: 2 })
    assert.deepEqual(await recordsOf(service), [
      ['3.png', {}],
      ['a/1.png', { label: 'a', n: 1 }],
      ['a/2.png', { label: 'by hand' }],
    ])
  })
})

test('a record whose id is in another form, of an earlier version, stays the record of its image', async (t) => {
  await withFolder(t, async ({ service, root, run }) => {
    const [nfc, nfd, mixed] = ['\u00e9/\u00e9.png', 'e\u0301/e\u0301.png', 'e\u0301/\u00e9.png']
    const collection = service.collections.get('c')
    // The folder as macOS made it, and then as Linux did: no form of the disk makes another record.
    for (const old of [nfd, mixed]) {
      await collection.addImage({ id: old, bytes: apple, metadata: { old: true } })
      copyPictures(root, { [old]: 'food-fruit/apple.google.png' })
      writeFileSync(join(root, old), apple)
      assert.deepEqual((await run()).progress.counts, { updated: 1 })
      assert.deepEqual(await recordsOf(service), [[old, { old: true, label: '\u00e9' }]])
      writeFileSync(join(root, old), emoji('google', '1f350'))
      assert.deepEqual((await run()).progress.counts, { replaced: 1 })
      assert.deepEqual(await recordsOf(service), [[old, { label: '\u00e9' }]])
      await collection.delete(old)
      assert.deepEqual((await run()).progress.counts, { added: 1 })
      assert.deepEqual(await recordsOf(service), [[nfc, { label: '\u00e9' }]])
      await collection.delete(nfc)
      rmSync(join(root, 'e\u0301'), { recursive: true })
    }
  })
})
