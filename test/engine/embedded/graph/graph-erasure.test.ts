import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesOnDisk } from '../../../support/bytes-on-disk.ts'
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
import type { Truth } from '../../../support/naive-search.ts'
import type { OpenedGeneration } from '../../../support/open-generation.ts'

const DISTURBED = new URL('../../../support/disturbed-graph-thread.js', import.meta.url)

/** Deletes a record, also from the truth. */
function end({ generation }: OpenedGeneration, truth: Truth, id: string): void {
  generation.delete([truth.get(id)!.key])
  truth.delete(id)
}

function bytesOf(truth: Truth, id: string): Buffer {
  return Buffer.from(truth.get(id)!.vector.slice().buffer)
}

/** 700 records, and t0 and t1 with the vector of r3: the file names r3 for all three. */
function withTwins(): Truth {
  const truth = graphRecords(700, DIMENSIONS)
  const { vector } = truth.get('r3')!
  return truth.set('t0', { key: 2000, vector }).set('t1', { key: 2001, vector })
}

test('soon after records are deleted the file of the graph has nothing of their vectors, and can still be used', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(1000, DIMENSIONS)
    const gone = [...truth.keys()].filter((_, i) => i % 9 === 0)
    const bytesOf = (id: string) => Buffer.from(truth.get(id)!.vector.slice().buffer)
    const isInFile = (id: string) => bytesOnDisk(folder).includes(bytesOf(id))
    const left: Truth = new Map(truth)
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, truth)
      await until(() => existsSync(join(folder, '7.json')))
      for (const id of gone) {
        generation.delete([truth.get(id)!.key])
        left.delete(id)
      }
      await until(() => !gone.some(isInFile))
      assert.ok([...left.keys()].every(isInFile))
    })
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, left)
      await graphSettled(opened.generation)
      assert.deepEqual(opened.notices, [])
      assert.ok(opened.generation.graph.kind === 'ready')
      assert.equal(opened.generation.graph.dead, gone.length)
      await assertFindsAll(opened, left)
    })
  })
})

test('what ended while nobody had the graph is erased from its file at the next start', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(700, DIMENSIONS)
    await keepGraph(folder, truth)
    const { vector } = truth.get('r3')!
    const there = () => bytesOnDisk(folder).includes(Buffer.from(vector.slice().buffer))
    assert.ok(there())
    truth.delete('r3')
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, truth)
      await until(() => !there())
    })
  })
})

test('the file of a collection that has become too small for a graph is removed', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(600, DIMENSIONS)
    await keepGraph(folder, truth)
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, new Map([...truth].slice(200)))
      await until(() => readdirSync(folder).length === 0)
    })
  })
})

test('a vector of several records leaves the file with the last that has it, also where another stored it', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = withTwins()
    const bytes = bytesOf(truth, 'r3')
    const { vector } = truth.get('r3')!
    const there = () => bytesOnDisk(folder).includes(bytes)
    await keepGraph(folder, truth)
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, truth)
      await graphSettled(opened.generation)
      // What else ends shows that the file was looked at.
      for (const [id, other] of [
        ['r3', 'r5'],
        ['t0', 'r6'],
      ] as const) {
        const looked = bytesOf(truth, other)
        end(opened, truth, id)
        end(opened, truth, other)
        await until(() => !bytesOnDisk(folder).includes(looked))
        assert.ok(there(), `${id} was not the last`)
      }
      await opened.graph?.finish()
    })
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, truth)
      await graphSettled(opened.generation)
      const query = { ...APPROXIMATELY, vector, k: 1 }
      assert.equal((await opened.generation.search(query)).hits[0]?.id, 't1')
      end(opened, truth, 't1')
      await until(() => !there())
      await opened.graph?.finish()
    })
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, truth)
      await graphSettled(opened.generation)
      assert.deepEqual(opened.notices, [])
      await assertFindsAll(opened, truth)
    })
  })
})

test('a graph that a collection has become too small for takes its file along', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = withTwins()
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, truth)
      await until(() => existsSync(join(folder, '7.json')))
      for (let i = 0; i < 300; i++) end(opened, truth, `r${i}`)
      await until(() => opened.generation.graph.kind === 'none')
      await until(() => readdirSync(folder).length === 0)
    })
  })
})

test('a graph whose thread dies for good takes its file along: nobody would know what to erase from it', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = withTwins()
    const bytes = bytesOf(truth, 'r3')
    await keepGraph(folder, truth)
    await withGeneration(
      folder,
      async (opened) => {
        const { generation } = opened
        fill(generation, truth)
        const query = { ...APPROXIMATELY, vector: truth.get('r9')!.vector, k: 400 }
        while (generation.graph.kind !== 'failed') {
          await generation.search(query).catch(() => undefined)
          await new Promise(setImmediate)
        }
        for (const id of ['r3', 't0', 't1']) end(opened, truth, id)
        await until(() => !bytesOnDisk(folder).includes(bytes))
      },
      DISTURBED,
    )
  })
})

test('where the file of a graph that was made again cannot be written, that of the graph before is removed', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = withTwins()
    const bytes = bytesOf(truth, 'r3')
    await withGeneration(
      folder,
      async (opened) => {
        const { generation, notices } = opened
        fill(generation, truth)
        await until(() => existsSync(join(folder, '7.json')))
        // In the graph made now t0 stands for the vector, in the file r3.
        end(opened, truth, 'r3')
        opened.graph!.rebuild()
        await until(() => notices.length === 1)
        assert.equal(notices[0]?.file, 'not written')
        for (const id of ['t0', 't1']) end(opened, truth, id)
        await until(() => !bytesOnDisk(folder).includes(bytes))
        await graphSettled(generation)
      },
      DISTURBED,
    )
  })
})
