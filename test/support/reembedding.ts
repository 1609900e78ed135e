import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Collection } from '../../src/collection/collection.ts'
import type { Job } from '../../src/collection/jobs/job.ts'
import type { ReembedInput } from '../../src/collection/reembed/reembeddings.ts'
import type { Config } from '../../src/config/config.ts'
import type { Keep } from '../../src/engine/collection-spec.ts'
import { type Service, startService } from '../../src/service/service.ts'
import { type Colour, colour, pngOf, vectorOfColour, writeColourModels } from './colour-models.ts'
import { testConfig } from './service.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Opened {
  readonly root: string
  readonly service: Service
  readonly collection: Collection
  reopen(): Promise<Opened>
}

/** A service with a collection `c` of model `roots`; closed after the test. */
export async function opened(
  t: TestContext,
  keep: Keep,
  changes: Partial<Config> = {},
): Promise<Opened> {
  const root = temporaryFolder(t)
  const modelsFolder = await writeColourModels(join(root, 'models'))
  const config = { ...testConfig(join(root, 'data')), modelsFolder, model: 'roots', ...changes }
  const open = async (): Promise<Opened> => {
    const service = await startService({ ...config, importRoot: root })
    await service.loaded
    await service.jobs.open()
    t.after(() => service.close())
    await service.collections.create({ name: 'c', keep }).catch(() => undefined)
    const collection = service.collections.get('c')
    const reopen = async () => {
      await service.close()
      return await open()
    }
    return { root, service, collection, reopen }
  }
  return await open()
}

export const id = (n: number) => `n/${String(n).padStart(4, '0')}.png`

export async function add(collection: Collection, n: number, as = colour(n)): Promise<void> {
  await collection.addImage({ id: id(n), bytes: await pngOf(as), metadata: { n } })
}

export async function addMany(collection: Collection, count: number): Promise<Map<string, Colour>> {
  await Promise.all(Array.from({ length: count }, (_, n) => add(collection, n)))
  return new Map(Array.from({ length: count }, (_, n) => [id(n), colour(n)]))
}

type Wanted = Pick<ReembedInput, 'model'> & Partial<ReembedInput>

export function start({ service }: Opened, wanted: Wanted): Promise<Job> {
  const input = { from: { kind: 'originals' }, missing: 'fail', ...wanted } as const
  return service.jobs.reembeddings.start('c', input)
}

export async function ended({ service }: Opened, { id }: Job): Promise<Job> {
  const { runner } = service.jobs
  const signal = AbortSignal.timeout(60_000)
  while (runner.job(id).finishedAt === null) await runner.changed(id, signal)
  return runner.job(id)
}

/** Until so many of its items are done. */
export async function hasDone({ service }: Opened, { id }: Job, items: number): Promise<void> {
  const { runner } = service.jobs
  const signal = AbortSignal.timeout(60_000)
  while (runner.job(id).progress.done < items) await runner.changed(id, signal)
}

export async function reembedded(opened: Opened, wanted: Wanted): Promise<Job> {
  const job = await ended(opened, await start(opened, wanted))
  assert.deepEqual([job.state, job.error], ['succeeded', null], JSON.stringify(job.failures))
  return job
}

/** Every record of the collection, and no other, has the model's vector, as said by its formula. */
export async function holds(collection: Collection, model: string, wanted: Map<string, Colour>) {
  const { records } = await collection.page({
    limit: 1000,
    cursor: null,
    filter: null,
    vectors: true,
  })
  assert.deepEqual(new Set(records.map((record) => record.id)), new Set(wanted.keys()))
  assert.equal(collection.count, wanted.size)
  assert.equal(collection.spec.model, model)
  for (const record of records) close(record.vector!, vectorOfColour(model, wanted.get(record.id)!))
}

function close(got: Float32Array, wanted: readonly number[]): void {
  assert.equal(got.length, wanted.length)
  for (const [i, value] of got.entries()) {
    assert.ok(Math.abs(value - wanted[i]!) < 1e-5, `expected ${wanted}, got ${got}`)
  }
}
