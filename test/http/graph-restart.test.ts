import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { GraphNotice } from '../../src/engine/embedded/graph/kept-graph.ts'
import { startService } from '../../src/service/service.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { type Answer, call, startServer } from '../support/http.ts'
import { inTemporaryFolder } from '../support/in-temporary-folder.ts'
import { gaussianVectors } from '../support/random-vectors.ts'
import { testConfig } from '../support/service.ts'

const SEED = 23
const PATH = '/v1/collections/points'
const RECORDS = 700

type Send = (method: string, path: string, body?: unknown) => Promise<Answer>

/** The whole service on a data folder, behind its HTTP server, from start to stop. */
async function served(
  dataFolder: string,
  use: (send: Send, notices: readonly GraphNotice[]) => Promise<void>,
): Promise<void> {
  const notices: GraphNotice[] = []
  const service = await startService(
    { ...testConfig(dataFolder), graphFrom: 300 },
    {
      jobFailed() {},
      modelReplaced() {},
      modelNotReplaced() {},
      onGraphFile: (notice) => notices.push(notice),
    },
  )
  const server = await startServer(service.collections)
  try {
    await service.loaded
    await use((method, path, body) => call(server, method, path, body), notices)
  } finally {
    await server.server.close()
    await service.close()
  }
}

async function readyGraph(send: Send): Promise<Answer['body']> {
  for (;;) {
    const { graph } = (await send('GET', PATH)).body
    if (graph.kind === 'ready' && graph.fresh === 0 && graph.rebuilding === null) return graph
  }
}

function graphFile(folder: string): string {
  return join(folder, 'graphs', readdirSync(join(folder, 'graphs')).find(isGraph)!)
}

function isGraph(file: string): boolean {
  return file.endsWith('.hnsw')
}

test('a service that is started again answers from the graph in its file, without what was deleted and with what is new', async () => {
  const vectors = gaussianVectors(seededRandom(SEED), RECORDS + 20, 24)
  const points = vectors.map((vector, i) => ({ id: `p${i}`, vector: [...vector] }))
  const search = (i: number) => ({
    query: { vector: points[i]!.vector },
    k: 5,
    accuracy: 'approximate',
    include: ['explain'],
  })
  const assertAnswers = async (send: Send) => {
    for (let i = 0; i < points.length; i += 9) {
      const { matches, explain } = (await send('POST', `${PATH}/search`, search(i))).body
      assert.equal(explain.plan, 'graph')
      const there = i >= 30
      assert.equal(matches[0].id === `p${i}`, there, `seed ${SEED}: p${i} finds ${matches[0].id}`)
    }
  }
  await inTemporaryFolder(async (folder) => {
    await served(folder, async (send) => {
      await send('PUT', PATH, { dimensions: 24, metric: 'euclidean' })
      await send('POST', `${PATH}/vectors`, { points: points.slice(0, RECORDS) })
      await readyGraph(send)
      while (!existsSync(join(folder, 'graphs/1.json'))) await new Promise(setImmediate)
      // Too few changes to write the file again: the next start has to make up for them.
      const ids = points.slice(0, 30).map(({ id }) => id)
      await send('POST', `${PATH}/images/delete`, { ids })
      await send('POST', `${PATH}/vectors`, { points: points.slice(RECORDS) })
    })
    const before = readFileSync(graphFile(folder))
    await served(folder, async (send, notices) => {
      const graph = await readyGraph(send)
      // A graph that was built again would have no dead ones.
      assert.deepEqual(graph, {
        kind: 'ready',
        records: RECORDS - 10,
        fresh: 0,
        dead: 30,
        rebuilding: null,
      })
      await assertAnswers(send)
      assert.deepEqual(notices, [])
    })
    assert.ok(before.equals(readFileSync(graphFile(folder))), 'the file was not written again')
    for (const { vector } of points.slice(0, 30)) {
      assert.ok(!before.includes(Buffer.from(Float32Array.from(vector).buffer)), `seed ${SEED}`)
    }
    assert.ok(before.includes(Buffer.from(Float32Array.from(points[30]!.vector).buffer)))

    before[before.length >> 1]! ^= 4
    writeFileSync(graphFile(folder), before)
    await served(folder, async (send, notices) => {
      const graph = await readyGraph(send)
      assert.equal(notices.length, 1)
      assert.equal(notices[0]!.file, 'not used')
      assert.equal(graph.dead, 0)
      assert.equal(graph.records, RECORDS - 10)
      await assertAnswers(send)
    })
  })
})
