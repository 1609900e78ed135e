// Measures what the plane of a map takes, of records that are noise around one of 50 centres, whose lengths decay.
// usage: node dist/bench/map.js
import { principalPlane } from '../src/vector/principal-plane.ts'
import { seededRandom } from '../src/vector/random.ts'
import { gaussianVectors, sampleOf } from '../test/support/random-vectors.ts'
import { circumstances, writeReport } from './support/report.ts'

const CASES = [
  { records: 20_000, dimensions: 1280, decay: 0.9 },
  { records: 20_000, dimensions: 1280, decay: 1 },
  { records: 100_000, dimensions: 384, decay: 0.97 },
]

const rows: (string | number)[][] = []
for (const { records, dimensions, decay } of CASES) {
  const random = seededRandom(1)
  const centres = gaussianVectors(random, 50, dimensions)
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
  await principalPlane(counted, dimensions, seededRandom(1), async () => undefined)
  const { user, system } = process.cpuUsage(before)
  rows.push([`${records} x ${dimensions}`, decay, reads / records, (user + system) / 1e6])
}
writeReport(
  'map',
  circumstances(
    'made: noise around 50 centres, each shorter than the one before by the decay',
    'processor time of one thread',
  ),
  [
    {
      title: 'The plane of a map',
      columns: ['records', 'decay', 'passes over the vectors', 'processor time, s'],
      rows,
    },
  ],
)
