// Builds a graph where no file may grow beyond what `ulimit -f` allows, and says what came of it.
import { isDeepStrictEqual } from 'node:util'
import { EVERYTHING } from './generation-under-test.ts'
import { fill, graphRecords, graphSettled } from './graph-records.ts'
import { naiveHits } from './naive-search.ts'
import { openGeneration } from './open-generation.ts'

const graphFolder = process.argv[2]!
const { generation, notices, close } = openGeneration(16, { graphFrom: 500, graphFolder })
const truth = graphRecords(600, 16)
fill(generation, truth)
await graphSettled(generation)
while (notices.length === 0) await new Promise(setImmediate)
const query = { ...EVERYTHING, vector: truth.get('r3')!.vector }
const exact = await generation.search(query)
const approximate = await generation.search({ ...query, accuracy: 'approximate' })
const same = isDeepStrictEqual(exact.hits, naiveHits(truth, query))
process.stdout.write(JSON.stringify({ notices, same, plan: approximate.plan }))
await close()
