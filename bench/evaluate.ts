// Measures what evaluating and calibrating a collection costs: processor time and peak memory, each in a process of its own.
// usage: node dist/bench/evaluate.js [WORK:RECORDS,…], such as evaluate:20000,calibrate:10000
import { type StdioOptions, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { calibrate } from '../src/evaluation/calibrate.ts'
import { evaluateIdentities } from '../src/evaluation/evaluate-identities.ts'
import { gaussian, seededRandom } from '../src/vector/random.ts'
import { matrixOf } from '../src/vector/row-matrix.ts'
import { toStoredVector } from '../src/vector/stored-vector.ts'
import { circumstances, writeReport } from './support/report.ts'

const DIMENSIONS = 512
const RECORDS_OF_ONE = 20
const CAMERAS = 6
/** The length of the noise of a record, about a centre of length 1. */
const NOISE = 2.2
const SECONDS = 1e6
const MEBIBYTE_IN_KIB = 1024

const DEFAULT = 'evaluate:2000,evaluate:20000,calibrate:4000,calibrate:10000'
/** `alone` is set in the process of one row. */
const [, , works = DEFAULT, alone] = process.argv

interface Cost {
  readonly processorSeconds: number
  readonly madeMiB: number
  readonly peakMiB: number
  readonly found: readonly (string | number)[]
}

/** Makes as many records for queries, or for the gallery, of the same identities. */
function images(count: number, seed: number) {
  const identities = count / RECORDS_OF_ONE
  const centreRandom = seededRandom(1)
  const random = seededRandom(seed)
  const normal = (by: () => number) => gaussian(by) / Math.sqrt(DIMENSIONS)
  const values = new Float32Array(count * DIMENSIONS)
  for (let identity = 0; identity < identities; identity++) {
    const centre = Float64Array.from({ length: DIMENSIONS }, () => normal(centreRandom))
    for (let n = 0; n < RECORDS_OF_ONE; n++) {
      const record = centre.map((value) => value + NOISE * normal(random))
      const row = identity * RECORDS_OF_ONE + n
      values.set(toStoredVector(record, DIMENSIONS, 'cosine'), row * DIMENSIONS)
    }
  }
  const classes = Int32Array.from({ length: count }, (_, i) => Math.floor(i / RECORDS_OF_ONE))
  const cameras = Int32Array.from({ length: count }, () => Math.floor(random() * CAMERAS))
  return { vectors: matrixOf(values, DIMENSIONS), classes, cameras }
}

async function measure(work: string, count: number): Promise<Cost> {
  const queries = images(count, 2)
  const gallery = work === 'evaluate' ? images(count, 3) : queries
  const madeMiB = process.resourceUsage().maxRSS / MEBIBYTE_IN_KIB
  const started = process.cpuUsage()
  const found: (string | number)[] = []
  if (work === 'evaluate') {
    const { single, expanded, openSet } = await evaluateIdentities(
      queries,
      gallery,
      'cosine',
      () => undefined,
    )
    found.push(single.map, expanded.map, openSet?.rows[2]?.dir ?? 'none')
  } else {
    const pause = async () => undefined
    const options = { views: 1, space: 'cosine', seed: 1, pause } as const
    const { best, distances } = await calibrate(queries, options)
    found.push(best, distances[best].equalErrorRate, 1 - (distances[best].accepts[2]?.missed ?? 1))
  }
  const { user, system } = process.cpuUsage(started)
  const peakMiB = process.resourceUsage().maxRSS / MEBIBYTE_IN_KIB
  return { processorSeconds: (user + system) / SECONDS, madeMiB, peakMiB, found }
}

if (alone !== undefined) {
  const [work, records] = works.split(':')
  process.stdout.write(JSON.stringify(await measure(work!, Number(records))))
} else {
  const rows = works.split(',').map((one) => {
    const args = [fileURLToPath(import.meta.url), one, 'alone']
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit']
    const { stdout, status } = spawnSync(process.execPath, args, { stdio })
    if (status !== 0) throw new Error(`${one} ended with status ${status}`)
    const { processorSeconds, madeMiB, peakMiB, found } = JSON.parse(stdout.toString()) as Cost
    const [work, records] = one.split(':')
    const name =
      work === 'evaluate' ? `evaluate ${records} x ${records}` : `calibrate by ${records}`
    return [name, processorSeconds, madeMiB, peakMiB, ...found]
  })
  writeReport(
    'evaluate',
    circumstances(
      `made with seed 1: ${RECORDS_OF_ONE} records of each identity, ${NOISE} from a centre of length 1, ${DIMENSIONS} numbers, cosine, ${CAMERAS} cameras`,
      'one process for each row, on one thread; re-ranking is left out above 3,000 records',
    ),
    [
      {
        title: 'Cost',
        columns: [
          '',
          'processor s',
          'MiB with the data',
          'MiB at the peak',
          'mAP, or the best distance',
          'mAP expanded, or equal error rate',
          'DIR at FAR .01',
        ],
        rows,
      },
    ],
  )
}
