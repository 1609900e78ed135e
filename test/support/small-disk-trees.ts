// Builds a tree where no file may grow beyond what `ulimit -f` allows, and says what came of it.
import { isDeepStrictEqual } from 'node:util'
import { fill, graphRecords } from './graph-records.ts'
import { naiveHits } from './naive-gallery.ts'
import { EVERYTHING, openGallery } from './open-gallery.ts'
import { treeReady } from './tree-ready.ts'

const { gallery, treeNotices, close } = openGallery(16, { treeFolder: process.argv[2]! })
const truth = graphRecords(1000, 16)
fill(gallery, truth)
await treeReady(gallery, 'vp-tree')
const query = { ...EVERYTHING, vector: truth.get('r3')!.vector }
const { hits } = await gallery.search({ ...query, exactIndex: 'vp-tree' })
process.stdout.write(
  JSON.stringify({ treeNotices, same: isDeepStrictEqual(hits, naiveHits(truth, query)) }),
)
await close()
