// Builds a tree where no file may grow beyond what `ulimit -f` allows, and says what came of it.
import { isDeepStrictEqual } from 'node:util'
import { EVERYTHING } from './generation-under-test.ts'
import { fill, graphRecords } from './graph-records.ts'
import { naiveHits } from './naive-search.ts'
import { openGeneration } from './open-generation.ts'
import { treeReady } from './tree-ready.ts'

const { generation, treeNotices, close } = openGeneration(16, { treeFolder: process.argv[2]! })
const truth = graphRecords(1000, 16)
fill(generation, truth)
await treeReady(generation, 'vp-tree')
const query = { ...EVERYTHING, vector: truth.get('r3')!.vector }
const { hits } = await generation.search({ ...query, exactIndex: 'vp-tree' })
process.stdout.write(
  JSON.stringify({ treeNotices, same: isDeepStrictEqual(hits, naiveHits(truth, query)) }),
)
await close()
