import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Identities } from '../../../../src/engine/embedded/identities/identities.ts'
import { RecordSets } from '../../../../src/engine/embedded/identities/record-sets.ts'
import type { SetCalls } from '../../../../src/engine/embedded/identities/set-thread.ts'
import { RowSlots } from '../../../../src/engine/embedded/rows/row-slots.ts'
import { memoryClient } from '../../../../src/engine/embedded/search/memory-client.ts'
import type { KeyedRecord } from '../../../../src/engine/embedded/store/stored-row.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { VectorRows } from '../../../../src/kernels/vector-rows.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { DEADLY_K } from '../../../support/deadly-search.ts'
import { failsWith } from '../../../support/errors.ts'
import { naiveIdentities } from '../../../support/naive-identities.ts'
import { openService } from '../../../support/service.ts'

const SEED = 20261122
const NOTHING_NEAR = Number.POSITIVE_INFINITY

test('each search sees a record that moves on in exactly one of its identities', async () => {
  const service = await openService()
  try {
    const spec = {
      name: 'moving',
      dimensions: 2,
      metric: 'euclidean',
      identityField: 'who',
    } as const
    await service.collections.create(spec)
    const collection = service.collections.get('moving')
    const record = (id: string, who: string) => ({ id, vector: [1, 2], metadata: { who } })
    await collection.addVectors([
      ...Array.from({ length: 5 }, (_, i) => record(`a${i}`, 'a')),
      ...Array.from({ length: 5 }, (_, i) => record(`b${i}`, 'b')),
      record('x', 'a'),
    ])
    const query = { kind: 'examples', examples: [{ kind: 'vector', vector: [1, 1] }] } as const
    const sizes = async () => {
      const asked = { query, k: null, radius: null, explain: false }
      const { identities } = await collection.identities.search(asked)
      return identities.map(({ records }) => records)
    }
    const writer = async () => {
      for (let i = 0; i < 40; i++) {
        const who = i % 2 === 0 ? 'b' : 'a'
        // Both ways in which a record changes its identity.
        if (i % 4 < 2) await collection.patchMetadata('x', { who })
        else await collection.addVectors([record('x', who)])
      }
    }
    const seen: number[][] = []
    const searcher = async () => {
      for (let i = 0; i < 100; i++) seen.push(await sizes())
    }
    await Promise.all([writer(), searcher()])
    for (const [a, b] of seen) assert.deepEqual([a! + b!, Math.abs(a! - b!)], [11, 1])
    assert.deepEqual(await sizes(), [6, 5])
  } finally {
    await service.close()
  }
})

test('writes during the first search, of more records than one turn takes, are all seen', async () => {
  const service = await openService()
  try {
    const spec = { name: 'many', dimensions: 2, metric: 'euclidean', identityField: 'who' } as const
    await service.collections.create(spec)
    const collection = service.collections.get('many')
    const random = seededRandom(SEED)
    const records = Array.from({ length: 3000 }, (_, i) => ({
      id: `r${i}`,
      vector: Float32Array.of(random(), random() + 1),
      metadata: { who: i % 1000 },
    }))
    await collection.addVectors(records)
    const truth = new Map(
      records.map(({ id, vector, metadata }, i) => {
        return [id, { id, vector, identity: metadata.who as number | null, version: i }]
      }),
    )
    const vectors = [Float32Array.of(0.5, 1.5), Float32Array.of(0.6, 1.4)]
    const examples = vectors.map((vector) => ({ kind: 'vector', vector }) as const)
    const query = { kind: 'examples', examples } as const
    const search = () => {
      return collection.identities.search({ query, k: 50, radius: null, explain: false })
    }
    const first = search()
    for (let i = 0; i < 60; i++) {
      const [moved, gone] = [`r${i * 47}`, `r${i * 41 + 1}`]
      await collection.patchMetadata(moved, { who: 5000 + (i % 7) })
      const kept = truth.get(moved)
      if (kept !== undefined) truth.set(moved, { ...kept, identity: 5000 + (i % 7) })
      await collection.deleteMany({ ids: [gone] })
      truth.delete(gone)
    }
    assert.equal((await first).identities.length, 50)
    const expected = naiveIdentities(truth.values(), vectors).slice(0, 50)
    assert.deepEqual((await search()).identities, expected, `seed ${SEED}`)
  } finally {
    await service.close()
  }
})

test('a thread that dies rejects the searches under way, and those after it find every set again', async () => {
  const memory = new BlockMemory()
  const rows = new VectorRows(memory, 1)
  const slots = new RowSlots()
  const script = new URL('../../../support/dying-set-thread.js', import.meta.url)
  const client = memoryClient<SetCalls>('the set thread', script, memory)
  const keyOf = (id: string) => Number(id.slice(1)) + 1
  const held = { slots, vectors: rows, pin: () => () => {} }
  const sets = new RecordSets({ client, sets: 0 }, held, 'euclidean')
  const stored: KeyedRecord[] = Array.from({ length: 20 }, (_, i) => {
    slots.occupy(rows.append(Float32Array.of(i)), i + 1, `r${i}`)
    const facts = { image: null, hasContent: false, updatedAt: '' }
    return { ...facts, key: i + 1, id: `r${i}`, metadata: { who: i >> 1 } }
  })
  const spec = { name: 'dying', identityField: 'who', cameraField: null, dimensions: 1 }
  const page = async ({ after }: { after: string | null }) => (after === null ? stored : [])
  const identities = new Identities({
    spec,
    sets,
    rows: { keyOf },
    records: { page, matching: async () => new Float64Array(0) },
  })
  const by = { kind: 'vectors', vectors: [Float32Array.of(0)] } as const
  try {
    const before = await identities.search({ by, k: 5, radius: NOTHING_NEAR })
    const deadly = identities.search({ by, k: DEADLY_K, radius: NOTHING_NEAR })
    const waiting = identities.search({ by, k: 5, radius: NOTHING_NEAR })
    await assert.rejects(deadly, failsWith('THREAD_FAILED'))
    await assert.rejects(waiting, failsWith('THREAD_FAILED'))
    const after = await identities.search({ by, k: 5, radius: NOTHING_NEAR })
    assert.deepEqual(after.matches, before.matches)
    assert.deepEqual(
      after.matches.map(({ identity }) => identity),
      [0, 1, 2, 3, 4],
    )
  } finally {
    await client.close()
  }
  await assert.rejects(
    identities.search({ by, k: 5, radius: NOTHING_NEAR }),
    failsWith('SHUTTING_DOWN'),
  )
})
