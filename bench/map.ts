// What the plane of a map takes: node dist/bench/map.js [records] [dimensions] [decay of the lengths of 50 centres]
import { principalPlane } from '../src/vector/principal-plane.ts'
import { seededRandom } from '../src/vector/random.ts'
import { gaussianVectors, sampleOf } from '../test/support/random-vectors.ts'

const [records = 20_000, dimensions = 1280, decay = 0.9] = process.argv.slice(2).map(Number)
const random = seededRandom(1)
const centres = gaussianVectors(random, 50, dimensions)
// Each record is noise around one of the centres, which are shorter one by one.
const vectors = Array.from({ length: records }, (_, i) => {
  const [noise] = gaussianVectors(random, 1, dimensions)
  const centre = i % centres.length
  return noise!.map((value, j) => centres[centre]![j]! * decay ** centre + value)
})
const sample = sampleOf(vectors)
let reads = 0
const counted = {
  count: records,
  vector: (i: number) => {
    reads++
    return sample.vector(i)
  },
}
const before = process.cpuUsage()
const { shares } = await principalPlane(counted, dimensions, seededRandom(1), async () => undefined)
const { user, system } = process.cpuUsage(before)
const seconds = (user + system) / 1e6
console.log({ records, dimensions, decay, shares, passes: reads / records, cpuSeconds: seconds })
