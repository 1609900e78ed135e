import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { saveGraph } from '../../../../src/engine/embedded/graph/graph-folder.ts'
import {
  GRAPH_EF_CONSTRUCTION,
  GRAPH_LINKS,
  Hnsw,
} from '../../../../src/engine/embedded/graph/hnsw.ts'
import { fill, graphRecords, graphSettled } from '../../../support/graph-records.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import {
  APPROXIMATELY,
  assertFindsAll,
  DIMENSIONS,
  keepGraph,
  until,
  withGeneration,
} from '../../../support/kept-graph.ts'
import { naiveHits, type Truth } from '../../../support/naive-search.ts'
import { onSmallDisk } from '../../../support/on-small-disk.ts'

function graphFile(folder: string): string {
  return join(folder, readdirSync(folder).find((file) => file.endsWith('.hnsw'))!)
}

test('the next start takes the graph from its file, and makes up for what changed meanwhile', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(1000, DIMENSIONS)
    await keepGraph(folder, truth)
    const later: Truth = new Map(truth)
    for (let i = 0; i < 50; i++) later.delete(`r${i}`)
    for (let i = 50; i < 60; i++) {
      later.set(`r${i}`, { key: 2000 + i, vector: truth.get(`r${i + 100}`)!.vector })
    }
    for (let i = 0; i < 30; i++) {
      later.set(`new${i}`, { key: 3000 + i, vector: truth.get(`r${i + 500}`)!.vector })
    }
    await withGeneration(folder, async (opened) => {
      const { generation, notices } = opened
      fill(generation, later)
      await until(() => generation.graph.kind === 'ready')
      // Made anew it would have no dead ones.
      assert.ok(generation.graph.kind === 'ready' && generation.graph.dead === 60)
      await graphSettled(generation)
      assert.deepEqual(notices, [])
      assert.equal(generation.graph.records, later.size)
      await assertFindsAll(opened, later)
      const gone = { ...APPROXIMATELY, vector: truth.get('r7')!.vector, k: 300 }
      const { hits } = await generation.search(gone)
      assert.ok(hits.every(({ id }) => later.has(id)))
    })
    const { count } = JSON.parse(readFileSync(join(folder, '7.json'), 'utf8'))
    assert.equal(count, 1000, 'what is new is not written yet')
  })
})

test('many changes are written to the file while searches go on', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(2600, DIMENSIONS)
    const first: Truth = new Map([...truth].slice(0, 1500))
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, first)
      await until(() => existsSync(join(folder, '7.json')))
      const before = graphFile(folder)
      for (const [id, { key, vector }] of [...truth].slice(1500)) {
        generation.put({ key, id, vector, replacedKey: null })
      }
      const vector = truth.get('r9')!.vector
      while (readdirSync(folder).length !== 2 || graphFile(folder) === before) {
        const { hits } = await generation.search({ ...APPROXIMATELY, vector })
        assert.equal(hits[0]?.distance, 0)
      }
    })
    const sidecar = JSON.parse(readFileSync(join(folder, '7.json'), 'utf8'))
    assert.ok(sidecar.count >= 2500, `${sidecar.count} versions`)
  })
})

test('a damaged graph is dropped and made anew; searches are exact meanwhile, and nothing is lost', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(800, DIMENSIONS)
    const damages: Record<string, () => void> = {
      'a flipped byte in the middle': () => {
        const bytes = readFileSync(graphFile(folder))
        bytes[bytes.length >> 1]! ^= 1
        writeFileSync(graphFile(folder), bytes)
      },
      'half a file': () => {
        const bytes = readFileSync(graphFile(folder))
        writeFileSync(graphFile(folder), bytes.subarray(0, bytes.length >> 1))
      },
      'no file': () => rmSync(graphFile(folder)),
      'the mark of a loading that did not end': () => writeFileSync(join(folder, '7.loading'), ''),
    }
    for (const [name, damage] of Object.entries(damages)) {
      await keepGraph(folder, truth)
      damage()
      await withGeneration(folder, async (opened) => {
        const { generation, notices } = opened
        fill(generation, truth)
        const query = { ...APPROXIMATELY, vector: truth.get('r1')!.vector }
        const answer = await generation.search(query)
        assert.equal(answer.exact, true, name)
        assert.deepEqual(answer.hits, naiveHits(truth, query), name)
        await graphSettled(generation)
        assert.equal(notices.length, 1, name)
        assert.equal(notices[0]?.file, 'not used', name)
        await assertFindsAll(opened, truth)
        await until(() => existsSync(join(folder, '7.json')))
        assert.equal(existsSync(join(folder, '7.loading')), false, name)
      })
    }
  })
})

test('a graph of another time line of the truth, where a version has another vector, is not used', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(600, DIMENSIONS)
    await keepGraph(folder, truth)
    const other: Truth = new Map(truth)
    other.set('r5', { key: 6, vector: truth.get('r6')!.vector })
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, other)
      await graphSettled(opened.generation)
      const [notice] = opened.notices
      assert.match(notice?.reason ?? '', /another vector than the truth of version 6/)
      await assertFindsAll(opened, other)
    })
  })
})

test('records of equal vectors share a node in the file, and are all there after the next start, whoever ended meanwhile', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(600, DIMENSIONS)
    const twins: Truth = new Map(truth)
    // r0 has its vector alone; the first of the others' vectors were stored by r1, r2 and r3.
    for (let i = 0; i < 300; i++) {
      twins.set(`t${i}`, { key: 1000 + i, vector: truth.get(`r${1 + (i % 3)}`)!.vector })
    }
    await keepGraph(folder, twins)
    const sidecar = JSON.parse(readFileSync(join(folder, '7.json'), 'utf8'))
    assert.equal(sidecar.count, 600)
    const later: Truth = new Map(twins)
    // The one whose key the file names, all that share a vector, and some of those that do.
    later.delete('r1')
    for (let i = 0; i < 300; i++) if (i % 3 === 1 || i % 9 === 0) later.delete(`t${i}`)
    later.delete('r2')
    later.set('u', { key: 2000, vector: truth.get('r3')!.vector })
    await withGeneration(folder, async (opened) => {
      const { generation, notices } = opened
      fill(generation, later)
      await graphSettled(generation)
      assert.deepEqual(notices, [])
      // The vector of r2 is of no record any more.
      const state = { kind: 'ready', records: later.size, fresh: 0, dead: 1, rebuilding: null }
      assert.deepEqual(generation.graph, state)
      for (const id of ['r0', 'r1', 'r2', 'r3']) {
        const query = { ...APPROXIMATELY, vector: truth.get(id)!.vector, k: 250 }
        const { hits, plan } = await generation.search(query)
        assert.equal(plan, 'graph')
        const equal = naiveHits(later, query).filter(({ distance }) => distance === 0)
        assert.deepEqual(hits.slice(0, equal.length), equal, id)
      }
    })
  })
})

test('a graph of an earlier version, with a node for each of some equal vectors, is made again', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(600, DIMENSIONS)
    for (let i = 0; i < 20; i++) {
      truth.set(`t${i}`, { key: 1000 + i, vector: truth.get('r5')!.vector })
    }
    const hnsw = Hnsw.empty(DIMENSIONS)
    for (const { key, vector } of truth.values()) hnsw.add(key, vector)
    const place = { folder, collection: 7, generation: 0, metric: 'euclidean' } as const
    const shape = { dimensions: DIMENSIONS, links: GRAPH_LINKS, count: 620 }
    const efConstruction = GRAPH_EF_CONSTRUCTION
    await saveGraph(place, { ...shape, efConstruction }, 1019, (path) => hnsw.write(path))
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, truth)
      await graphSettled(opened.generation)
      assert.match(opened.notices[0]?.reason ?? '', /nodes 6 and 1000 have equal vectors/)
      await until(() => existsSync(join(folder, '7.json')))
      assert.equal(JSON.parse(readFileSync(join(folder, '7.json'), 'utf8')).count, 600)
      const query = { ...APPROXIMATELY, vector: truth.get('r5')!.vector, k: 21 }
      assert.deepEqual((await opened.generation.search(query)).hits, naiveHits(truth, query))
    })
  })
})

test('where the folder is missing it is made, and where it cannot be made the graph does without', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(600, DIMENSIONS)
    await keepGraph(join(folder, 'not', 'there'), truth)
    writeFileSync(join(folder, 'file'), '')
    await withGeneration(join(folder, 'file', 'graphs'), async (opened) => {
      fill(opened.generation, truth)
      await until(() => opened.notices.some(({ file }) => file === 'not written'))
      await assertFindsAll(opened, truth)
    })
  })
})

test('where the disk is full the library says nothing, and yet it is found out; the graph does without', async () => {
  await inTemporaryFolder(async (folder) => {
    const said = onSmallDisk(
      new URL('../../../support/small-disk-process.js', import.meta.url),
      folder,
    )
    assert.equal(said.notices[0].file, 'not written')
    assert.match(said.notices[0].reason, /the file ends after \d+ bytes/)
    assert.equal(said.plan, 'graph')
    assert.equal(said.same, true)
    assert.deepEqual(readdirSync(folder), [])
  })
})

test('a dropped collection takes its files along', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(600, DIMENSIONS)
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, truth)
      await until(() => existsSync(join(folder, '7.json')))
      generation.release()
      await until(() => readdirSync(folder).length === 0)
    })
  })
})
