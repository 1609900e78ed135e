import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TreeNotice } from '../../src/engine/embedded/trees/threaded-trees.ts'
import { startService } from '../../src/service/service.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { type Answer, call, startServer } from '../support/http.ts'
import { inTemporaryFolder } from '../support/in-temporary-folder.ts'
import { testConfig } from '../support/service.ts'

const SEED = 6
const DIMENSIONS = 8
const BASE = '/v1/collections/people'

type Send = (method: string, path: string, body?: unknown) => Promise<Answer>

/** One life of a service on a folder; resolves to its reports on the files of trees. */
async function serve(folder: string, use: (send: Send) => Promise<void>): Promise<TreeNotice[]> {
  const notices: TreeNotice[] = []
  const service = await startService(testConfig(folder), {
    onTreeFile: (notice) => notices.push(notice),
  })
  try {
    await service.loaded
    const served = await startServer(service.collections)
    try {
      await use((method, path, body) => call(served, method, path, body))
    } finally {
      await served.server.close()
    }
  } finally {
    await service.close()
  }
  return notices
}

async function search(send: Send, query: object, exactIndex: string): Promise<Answer['body']> {
  const request = { ...query, exactIndex, include: ['explain'] }
  const { status, body } = await send('POST', `${BASE}/search`, request)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

async function untilReady(send: Send, query: object): Promise<void> {
  while ((await search(send, query, 'm-tree')).explain.plan !== 'm-tree');
}

test('a tree is there again after a restart, with all that was written since its file', async () => {
  await inTemporaryFolder(async (folder) => {
    const random = seededRandom(SEED)
    const vector = () => Array.from({ length: DIMENSIONS }, () => gaussian(random))
    const points = Array.from({ length: 1200 }, (_, i) => ({ id: `p${i}`, vector: vector() }))
    const query = { query: { vector: points[3]!.vector }, k: 40 }
    const trees = join(folder, 'trees')
    const file = join(trees, '1.m-tree')
    let written = Buffer.alloc(0)
    const first = await serve(folder, async (send) => {
      await send('PUT', BASE, { dimensions: DIMENSIONS, metric: 'cosine' })
      await send('POST', `${BASE}/vectors`, { points })
      await untilReady(send, query)
      assert.equal(readdirSync(trees).length, 1)
      written = readFileSync(file)
      const ids = points.slice(0, 60).map(({ id }) => id)
      await send('POST', `${BASE}/images/delete`, { ids })
      const moved = points.slice(100, 130).map(({ id }) => ({ id, vector: vector() }))
      const fresh = points.slice(0, 20).map(({ id }) => ({ id: `again ${id}`, vector: vector() }))
      const back = points.slice(40, 50)
      await send('POST', `${BASE}/vectors`, { points: [...moved, ...fresh, ...back] })
    })
    assert.deepEqual(first, [])
    assert.deepEqual(readdirSync(trees), [], 'no file keeps what was deleted')
    // As a service leaves it that is killed before the file is removed.
    writeFileSync(file, written)
    writeFileSync(join(trees, '999.vp-tree'), 'of a collection that is gone')
    const second = await serve(folder, async (send) => {
      const before = await search(send, query, 'm-tree')
      assert.equal(before.explain.plan, 'scan while the m-tree is not ready')
      await untilReady(send, query)
      for (const { vector } of points.slice(30, 70)) {
        const request = { query: { vector }, k: 30 }
        const { matches } = await search(send, request, 'm-tree')
        assert.deepEqual(matches, (await search(send, request, 'scan')).matches, `seed ${SEED}`)
      }
      assert.equal((await send('DELETE', BASE)).status, 204)
      while (readdirSync(trees).length > 0) await new Promise(setImmediate)
    })
    assert.deepEqual(
      second.map(({ tree, file, reason }) => ({ tree, file, reason })),
      [
        {
          tree: 'm-tree',
          file: 'used',
          reason: 'of 1200 records 90 have ended since, 60 are new',
        },
      ],
    )
  })
})
