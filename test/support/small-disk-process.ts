// Builds a graph where no file may grow beyond what `ulimit -f` allows, and says what came of it.
import { isDeepStrictEqual } from 'node:util'
import { fill, graphRecords, graphSettled } from './graph-records.ts'
import { naiveHits } from './naive-gallery.ts'
import { EVERYTHING, openGallery } from './open-gallery.ts'

const graphFolder = process.argv[2]!
const { gallery, notices, close } = openGallery(16, { graphFrom: 500, graphFolder })
const truth = graphRecords(600, 16)
fill(gallery, truth)
await graphSettled(gallery)
while (notices.length === 0) await new Promise(setImmediate)
const query = { ...EVERYTHING, vector: truth.get('r3')!.vector }
const exact = await gallery.search(query)
const approximate = await gallery.search({ ...query, accuracy: 'approximate' })
const same = isDeepStrictEqual(exact.hits, naiveHits(truth, query))
process.stdout.write(JSON.stringify({ notices, same, plan: approximate.plan }))
await close()
