// Runs a mixed load with 10 % hostile images. It checks the answer to each image, the memory, and the latency of
// searches while images are added, against that of a quiet service. Load and quiet take turns, so that the state of
// the machine is the same for both. It exits with 1 where a goal is missed.
// usage: node dist/bench/mixed-load.js [--minutes 10] [FOLDER]

import { parseArgs } from 'node:util'
import { hostileImages, type SentImage } from './support/hostile-images.ts'
import { formOf, HttpLoad, searchForm } from './support/http-load.ts'
import { growthOf, type MemorySample, memorySample } from './support/memory-sample.ts'
import { photographs } from './support/photographs.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '10' } },
  allowPositionals: true,
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new RangeError(`expected --minutes above 0, got ${values.minutes}`)
const [folder] = positionals

const IDS = 400
const ADDERS = 8
const BULK_FILES = 10
const LOADED_MS = 50_000
const QUIET_MS = 10_000
const SAMPLE_EVERY_MS = 1000
const MINUTE_MS = 60_000
const COLLECTION = 'mixed'
const path = `/v1/collections/${COLLECTION}`
const images = await photographs(folder, 64)
const hostile = await hostileImages(images[0]!)

interface Search {
  readonly ms: number
  /** The three times that the answer gives. */
  readonly decodeMs: number
  readonly embedMs: number
  readonly searchMs: number
}

// The Docker images set it too. Without it glibc keeps the memory that decoding needed.
process.env.MALLOC_TRIM_THRESHOLD_ ??= '131072'
const service = await RunningService.start()
const client = new HttpLoad(service.url)
/** The number of images by what was sent and what came back. */
const outcomes = new Map<string, number>()
const wrong: string[] = []
let next = 0

try {
  await service.json('PUT', path, { keep: 'thumbnail' })
  for (let i = 0; i < 32; i++) await putOne(i, false)
  const quiet: Search[] = []
  const loaded: Search[] = []
  const memory: MemorySample[] = []
  const started = performance.now()
  const sampling = setInterval(async () => {
    memory.push(await memorySample(service, performance.now() - started, COLLECTION))
  }, SAMPLE_EVERY_MS)
  for (let left = minutes * MINUTE_MS; left > 0; left -= LOADED_MS) {
    const end = performance.now() + Math.min(left, LOADED_MS)
    const adders = Array.from({ length: ADDERS }, (_, adder) => keepAdding(end, adder % 2 === 0))
    loaded.push(...(await searches(end)))
    await Promise.all(adders)
    quiet.push(...(await searches(performance.now() + QUIET_MS)))
  }
  clearInterval(sampling)
  const growth = growthOf(memory) / 1e6
  const [quietP99, loadedP99] = [quantile(msOf(quiet), 0.99), quantile(msOf(loaded), 0.99)]
  const goals = [
    ['answers that were not the right ones', 'none', wrong.length, wrong.length === 0],
    ['memory of the last minute over the second, MB', 'at most 16', growth, growth <= 16],
    [
      ...['search p99 under load over quiet', 'at most 2'],
      ...[loadedP99 / quietP99, loadedP99 <= 2 * quietP99],
    ],
  ] as const
  writeReport(
    'mixed-load',
    circumstances(
      `${images.length} JPEG files of 640 x 480, ${folder === undefined ? 'drawn' : `of ${folder.replace(/.*\//, '')}`}; one in ten hostile`,
      `${minutes} minutes of load in turns of ${LOADED_MS / 1000} s, ${QUIET_MS / 1000} s of quiet after each; ${ADDERS} callers that add (half one by one, half ${BULK_FILES} a form) to ${IDS} ids, one that searches by image; load generator on the same machine; MALLOC_TRIM_THRESHOLD_ as in the Docker images`,
    ),
    [
      {
        title: 'Goals',
        columns: ['goal', 'wanted', 'got', 'met'],
        rows: goals.map(([name, wanted, got, met]) => [
          ...[name, wanted, got, met ? 'yes' : 'no'],
        ]) as (string | number)[][],
      },
      {
        title: 'Searches by image, one caller',
        columns: [
          ...['when', 'searches', 'p50 ms', 'p90 ms', 'p99 ms', 'longest ms'],
          ...['decoding p99', 'embedding p99', 'searching p99'],
        ],
        rows: [
          ['quiet', ...rowOf(quiet)],
          ['under load', ...rowOf(loaded)],
        ],
      },
      {
        title: 'Memory by minute, MB (medians)',
        columns: ['minute', 'resident', 'heap', 'external', 'records'],
        rows: byMinute(memory).map((samples, minute) => [
          minute + 1,
          ...(['resident', 'heap', 'external'] as const).map(
            (name) =>
              quantile(
                samples.map((sample) => sample[name]),
                0.5,
              ) / 1e6,
          ),
          samples.at(-1)!.records,
        ]),
      },
      {
        title: 'Images added',
        columns: ['sent, answered', 'images'],
        rows: [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1)),
      },
    ],
  )
  for (const line of wrong.slice(0, 20)) process.stderr.write(`${line}\n`)
  if (goals.some(([, , , met]) => !met)) process.exitCode = 1
} finally {
  client.close()
  await service.close()
}

/** Searches one after the other until `end`. */
async function searches(end: number): Promise<readonly Search[]> {
  const all: Search[] = []
  while (performance.now() < end) {
    const { type, body } = searchForm(images[all.length % images.length]!, 10)
    const before = performance.now()
    const answer = await client.send('POST', `${path}/search`, type, body)
    const ms = performance.now() - before
    if (answer.status === 200) {
      const { timings } = JSON.parse(answer.body) as { timings: Omit<Search, 'ms'> }
      all.push({ ...timings, ms })
    } else wrong.push(`search: ${answer.status} ${answer.body}`)
  }
  return all
}

function rowOf(all: readonly Search[]): readonly number[] {
  const p99 = (name: keyof Search) =>
    quantile(
      all.map((search) => search[name]),
      0.99,
    )
  const times = msOf(all)
  return [
    ...[all.length, ...[0.5, 0.9, 0.99, 1].map((share) => quantile(times, share))],
    ...[p99('decodeMs'), p99('embedMs'), p99('searchMs')],
  ]
}

function msOf(all: readonly Search[]): readonly number[] {
  return all.map(({ ms }) => ms)
}

function byMinute(samples: readonly MemorySample[]): readonly (readonly MemorySample[])[] {
  const minutes: MemorySample[][] = []
  for (const sample of samples) {
    const minute = Math.floor(sample.ms / MINUTE_MS)
    minutes[minute] ??= []
    minutes[minute].push(sample)
  }
  return minutes.filter((some) => some !== undefined)
}

async function keepAdding(end: number, oneByOne: boolean): Promise<void> {
  while (performance.now() < end) {
    if (oneByOne) await putOne(next++, true)
    else await postMany(Array.from({ length: BULK_FILES }, () => next++))
  }
}

/** Gives the i-th image to send. Every tenth is hostile. */
function imageOf(i: number): SentImage {
  const sound = { name: 'sound', bytes: images[i % images.length]!, code: null }
  return i % 10 === 9 ? hostile[Math.floor(i / 10) % hostile.length]! : sound
}

async function putOne(i: number, mayBeHostile: boolean): Promise<void> {
  const image = mayBeHostile ? imageOf(i) : { ...imageOf(0), bytes: images[i % images.length]! }
  const target = `${path}/images/${i % IDS}`
  const { status, body } = await client.send('PUT', target, 'image/jpeg', image.bytes)
  judge(image, status < 300 ? null : (JSON.parse(body) as { code: string }).code, body)
}

async function postMany(numbers: readonly number[]): Promise<void> {
  const sent = numbers.map(imageOf)
  const { type, body } = formOf(
    sent.map(({ bytes }, i) => ({ name: 'image', fileName: `${numbers[i]! % IDS}`, bytes })),
  )
  const answer = await client.send('POST', `${path}/images`, type, body)
  if (answer.status !== 200) {
    wrong.push(`form: ${answer.status} ${answer.body}`)
    return
  }
  const { results } = JSON.parse(answer.body) as { results: { error?: { code: string } }[] }
  for (const [i, image] of sent.entries()) {
    judge(image, results[i]?.error?.code ?? null, JSON.stringify(results[i]))
  }
}

/** Counts an answer, and notes one that is not the expected one. @param code null for success. */
function judge(image: { name: string; code: string | null }, code: string | null, body: string) {
  const outcome = `${image.name}, ${code ?? 'stored'}`
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  if (code !== image.code) wrong.push(`${image.name}: ${body}`)
}
