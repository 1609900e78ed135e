import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { colour, vectorOfColour } from '../support/colour-models.ts'
import { addMany, id, type Opened, opened, reembedded } from '../support/reembedding.ts'

/** Resolves once the graph has every record, and the folder those files alone. */
async function graphIs({ collection, root }: Opened, files: RegExp): Promise<void> {
  const signal = AbortSignal.timeout(60_000)
  const folder = join(root, 'data', 'graphs')
  for (;;) {
    const { graph } = await collection.status()
    const names = existsSync(folder) ? readdirSync(folder) : []
    const whole = names.length === 2 && names.every((name) => files.test(name))
    if (whole && graph.kind === 'ready' && graph.records === 40 && graph.fresh === 0) return
    await wait(10, undefined, { signal })
  }
}

async function findsByGraph({ collection }: Opened, model: string): Promise<void> {
  for (const n of [3, 17, 39]) {
    const answer = await collection.search({
      query: {
        positive: [{ kind: 'vector', vector: vectorOfColour(model, colour(n)) }],
        negative: [],
      },
      k: 1,
      radius: null,
      filter: null,
      groupBy: null,
      groupSize: 1,
      exactIndex: 'scan',
      accuracy: 'approximate',
      include: ['explain'],
      limit: 10,
      cursor: null,
    })
    assert.equal(answer.explain!.plan, 'graph')
    assert.equal(answer.matches[0]!.id, id(n))
  }
}

test('the graph of the new vectors takes the place of the old one, in memory and on the disk', async (t) => {
  const first = await opened(t, 'original', { graphFrom: 20 })
  await addMany(first.collection, 40)
  await graphIs(first, /^1(-[0-9a-f]+\.hnsw|\.json)$/)
  await findsByGraph(first, 'roots')
  await reembedded(first, { model: 'weighed' })
  await graphIs(first, /^1\.1(-[0-9a-f]+\.hnsw|\.json)$/)
  await findsByGraph(first, 'weighed')
  const second = await first.reopen()
  await graphIs(second, /^1\.1(-[0-9a-f]+\.hnsw|\.json)$/)
  await findsByGraph(second, 'weighed')
})
