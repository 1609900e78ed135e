import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TREE_KINDS, type TreeKind } from '../../../../src/index/metric/row-tree.ts'
import { EVERYTHING } from '../../../support/generation-under-test.ts'
import { fill, graphRecords } from '../../../support/graph-records.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { naiveHits, type Truth } from '../../../support/naive-search.ts'
import { onSmallDisk } from '../../../support/on-small-disk.ts'
import { type OpenedGeneration, openGeneration } from '../../../support/open-generation.ts'
import { treeReady } from '../../../support/tree-ready.ts'

const DIMENSIONS = 16

/** A generation that keeps its trees in a folder. */
async function withGeneration(
  treeFolder: string,
  use: (opened: OpenedGeneration) => Promise<void>,
): Promise<void> {
  const opened = openGeneration(DIMENSIONS, { treeFolder })
  try {
    await use(opened)
  } finally {
    await opened.close()
  }
}

/** A folder with the files of both trees of these records. */
async function keepTrees(folder: string, truth: Truth): Promise<void> {
  await withGeneration(folder, async ({ generation, treeNotices }) => {
    fill(generation, truth)
    for (const tree of TREE_KINDS) await treeReady(generation, tree)
    assert.deepEqual(treeNotices, [])
  })
  assert.deepEqual(new Set(readdirSync(folder)), new Set(TREE_KINDS.map((tree) => `7.${tree}`)))
}

async function assertAnswers({ generation }: OpenedGeneration, tree: TreeKind, truth: Truth) {
  const asked = [...truth.values()].filter((_, i) => i % 40 === 0)
  for (const { vector } of asked) {
    const nearest = { ...EVERYTHING, vector, k: 25 }
    const radius = naiveHits(truth, nearest).at(-1)?.distance ?? 1
    for (const query of [nearest, { ...nearest, k: truth.size + 1, radius }]) {
      const { hits, plan } = await generation.search({ ...query, exactIndex: tree })
      assert.equal(plan, tree)
      assert.deepEqual(hits, naiveHits(truth, query))
    }
  }
}

function filesOf({ treeNotices }: OpenedGeneration): readonly string[] {
  return treeNotices.map(({ file }) => file)
}

function put(
  { generation }: OpenedGeneration,
  truth: Truth,
  id: string,
  key: number,
  at: string,
): void {
  const { vector } = truth.get(at)!
  generation.put({ key, id, vector, replacedKey: truth.get(id)?.key ?? null })
  truth.set(id, { key, vector })
}

/** Deletes, replaces and adds some records, also such as were added before. */
function change(opened: OpenedGeneration, truth: Truth, firstKey: number): void {
  for (let i = 0; i < 50; i++) {
    const id = `r${(firstKey % 300) + i}`
    opened.generation.delete([truth.get(id)!.key])
    truth.delete(id)
  }
  for (let i = 0; i < 20; i++) put(opened, truth, `r${500 + i}`, firstKey + i, `r${700 + i}`)
  for (let i = 0; i < 30; i++) put(opened, truth, `new${i}`, firstKey + 100 + i, `r${600 + i}`)
}

for (const tree of TREE_KINDS) {
  test(`the next start takes the ${tree} from its file, and makes up for what changed before and after`, async () => {
    await inTemporaryFolder(async (folder) => {
      const truth = graphRecords(1000, DIMENSIONS)
      const file = join(folder, `7.${tree}`)
      let written = Buffer.alloc(0)
      await withGeneration(folder, async (opened) => {
        fill(opened.generation, truth)
        await treeReady(opened.generation, tree)
        written = readFileSync(file)
        // After the file was written, with and without a search that tells the tree.
        change(opened, truth, 2000)
        await treeReady(opened.generation, tree)
        change(opened, truth, 3050)
      })
      assert.ok(!existsSync(file), 'it would keep the vectors of what was deleted')
      // As a process leaves it that is killed before the file is removed.
      writeFileSync(file, written)
      await withGeneration(folder, async (opened) => {
        // In another order, so that every row has another number.
        fill(opened.generation, new Map([...truth].reverse()))
        await treeReady(opened.generation, tree)
        const [notice, ...others] = opened.treeNotices
        assert.deepEqual(others, [])
        assert.equal(notice?.file, 'used')
        assert.equal(notice.reason, 'of 1000 records 120 have ended since, 50 are new')
        assert.ok(!existsSync(file), 'what ended is in no file')
        await assertAnswers(opened, tree, truth)
        change(opened, truth, 4000)
        await treeReady(opened.generation, tree)
        await assertAnswers(opened, tree, truth)
      })
    })
  })

  test(`a damaged file of a ${tree} is dropped and the tree built; searches are exact meanwhile`, async () => {
    await inTemporaryFolder(async (folder) => {
      const truth = graphRecords(500, DIMENSIONS)
      const file = join(folder, `7.${tree}`)
      const other = tree === 'm-tree' ? 'vp-tree' : 'm-tree'
      const damages: Record<string, () => void> = {
        'a flipped byte in the middle': () => {
          const bytes = readFileSync(file)
          bytes[bytes.length >> 1]! ^= 1
          writeFileSync(file, bytes)
        },
        'half a file': () => {
          const bytes = readFileSync(file)
          writeFileSync(file, bytes.subarray(0, bytes.length >> 1))
        },
        'the file of the other tree': () => copyFileSync(join(folder, `7.${other}`), file),
      }
      await keepTrees(folder, truth)
      for (const [name, damage] of Object.entries(damages)) {
        damage()
        await withGeneration(folder, async (opened) => {
          fill(opened.generation, truth)
          const query = { ...EVERYTHING, vector: truth.get('r1')!.vector }
          const first = await opened.generation.search({ ...query, exactIndex: tree })
          assert.equal(first.plan, `scan while the ${tree} is not ready`, name)
          assert.deepEqual(first.hits, naiveHits(truth, query), name)
          await treeReady(opened.generation, tree)
          assert.deepEqual(filesOf(opened), ['not used'], name)
          await assertAnswers(opened, tree, truth)
        })
        await withGeneration(folder, async (opened) => {
          fill(opened.generation, truth)
          await treeReady(opened.generation, tree)
          assert.deepEqual(filesOf(opened), ['used'], name)
        })
      }
    })
  })
}

test('many changes are written to the file, and searches are exact meanwhile', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(3000, DIMENSIONS)
    const some: Truth = new Map([...truth].slice(0, 1500))
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, some)
      await treeReady(generation, 'vp-tree')
      let key = 10_000
      for (const [id, { vector }] of [...truth].slice(1000)) {
        generation.put({ key: ++key, id, vector, replacedKey: some.get(id)?.key ?? null })
        some.set(id, { key, vector })
        if (key % 100 > 0) continue
        const query = { ...EVERYTHING, vector, exactIndex: 'vp-tree' } as const
        assert.deepEqual((await generation.search(query)).hits, naiveHits(some, query))
      }
      await treeReady(generation, 'vp-tree')
    })
    await withGeneration(folder, async (opened) => {
      fill(opened.generation, some)
      await treeReady(opened.generation, 'vp-tree')
      const [notice] = opened.treeNotices
      assert.equal(notice?.file, 'used', notice?.reason)
      await assertAnswers(opened, 'vp-tree', some)
    })
  })
})

test('a file that is out of date, or of another time line of the truth, is not used', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(1200, DIMENSIONS)
    await keepTrees(folder, truth)
    const changed: Truth = new Map([...truth].slice(1001))
    const another: Truth = new Map(truth)
    another.set('r5', { key: 6, vector: truth.get('r6')!.vector })
    const cases = [
      ['vp-tree', changed, /out of date: of 1200 records 1001 have ended since, 0 are new/],
      ['m-tree', another, /another vector than the truth of version 6/],
    ] as const
    for (const [tree, records, reason] of cases) {
      await withGeneration(folder, async (opened) => {
        fill(opened.generation, records)
        await treeReady(opened.generation, tree)
        assert.match(opened.treeNotices[0]?.reason ?? '', reason)
        await assertAnswers(opened, tree, records)
      })
    }
  })
})

test('where the folder is missing it is made, and where it cannot be made trees do without', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(300, DIMENSIONS)
    await keepTrees(join(folder, 'not', 'there'), truth)
    writeFileSync(join(folder, 'file'), '')
    await withGeneration(join(folder, 'file', 'trees'), async (opened) => {
      fill(opened.generation, truth)
      await treeReady(opened.generation, 'm-tree')
      assert.equal(filesOf(opened).at(-1), 'not written')
      await assertAnswers(opened, 'm-tree', truth)
    })
  })
})

test('where the disk is full trees do without, and leave nothing behind', async () => {
  await inTemporaryFolder(async (folder) => {
    const said = onSmallDisk(
      new URL('../../../support/small-disk-trees.js', import.meta.url),
      folder,
    )
    assert.equal(said.treeNotices.length, 1)
    assert.equal(said.treeNotices[0].file, 'not written')
    assert.equal(said.same, true)
    assert.deepEqual(readdirSync(folder), [])
  })
})

test('a dropped collection takes the files of its trees along, of both, asked for or not', async () => {
  await inTemporaryFolder(async (folder) => {
    const truth = graphRecords(300, DIMENSIONS)
    await keepTrees(folder, truth)
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, truth)
      await treeReady(generation, 'm-tree')
      generation.release()
      while (readdirSync(folder).length > 0) await new Promise(setImmediate)
    })
    await withGeneration(folder, async ({ generation }) => {
      fill(generation, truth)
      // While it is built.
      const query = { ...EVERYTHING, vector: truth.get('r1')!.vector }
      await generation.search({ ...query, exactIndex: 'm-tree' })
      generation.release()
      while (!existsSync(join(folder, '7.m-tree'))) await new Promise(setImmediate)
      while (readdirSync(folder).length > 0) await new Promise(setImmediate)
    })
  })
})
