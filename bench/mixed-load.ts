// Mixed load with 10 % hostile images: the right answer to each, memory, and the latency of searches
// while images are added, against that of a quiet service. Exits with 1 where a goal is missed.
// usage: node dist/bench/mixed-load.js [--minutes 10] [FOLDER]

import { parseArgs } from 'node:util'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { forgedPng, truncated } from '../test/support/images.ts'
import { formOf, HttpLoad, searchForm } from './support/http-load.ts'
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
const QUIET_MS = Math.min(30_000, minutes * 15_000)
const path = '/v1/collections/mixed'
const pictures = await photographs(folder, 64)
const hostile = await hostileImages(pictures[0]!)

const service = await RunningService.start()
const client = new HttpLoad(service.url)
/** By what was sent and what came back. */
const outcomes = new Map<string, number>()
const wrong: string[] = []
let next = 0

try {
  await service.json('PUT', path, { keep: 'thumbnail' })
  for (let i = 0; i < 32; i++) await putOne(i, false)
  const quiet = await searches(QUIET_MS)
  const memory: { readonly ms: number; readonly bytes: number }[] = []
  const started = performance.now()
  const end = started + minutes * 60_000
  const sampling = setInterval(() => {
    memory.push({ ms: performance.now() - started, bytes: service.memoryBytes() })
  }, 1000)
  const adders = Array.from({ length: ADDERS }, (_, adder) => keepAdding(end, adder % 2 === 0))
  const loaded = await searches(minutes * 60_000)
  await Promise.all(adders)
  clearInterval(sampling)
  const growth = growthOf(memory)
  const [quietP99, loadedP99] = [quantile(quiet, 0.99), quantile(loaded, 0.99)]
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
      `${pictures.length} JPEG files of 640 x 480, ${folder === undefined ? 'drawn' : `of ${folder.replace(/.*\//, '')}`}; one in ten hostile`,
      `${minutes} minutes, ${ADDERS} callers that add (half one by one, half ${BULK_FILES} a form), one that searches by picture; load generator on the same machine`,
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
        title: 'Searches by picture, one caller',
        columns: ['when', 'searches', 'p50 ms', 'p99 ms'],
        rows: [
          ['quiet', quiet.length, quantile(quiet, 0.5), quietP99],
          ['under load', loaded.length, quantile(loaded, 0.5), loadedP99],
        ],
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

interface Hostile {
  readonly name: string
  readonly bytes: Uint8Array
  /** What it is refused with; null: it is sound. */
  readonly code: string | null
}

async function hostileImages(sound: Buffer): Promise<readonly Hostile[]> {
  const flat = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: '#888' } })
  const header = Buffer.from('89504e470d0a1a0a', 'hex')
  const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251))
  return [
    { name: 'text', bytes: Buffer.from('hello, image'), code: 'NOT_AN_IMAGE' },
    {
      name: 'SVG',
      bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      code: 'NOT_AN_IMAGE',
    },
    { name: 'deflated', bytes: deflateSync(noise), code: 'NOT_AN_IMAGE' },
    { name: 'JPEG cut off', bytes: truncated(sound), code: 'UNDECODABLE_IMAGE' },
    { name: 'PNG of noise', bytes: Buffer.concat([header, noise]), code: 'UNDECODABLE_IMAGE' },
    { name: 'pixel bomb', bytes: forgedPng(30_000, 30_000), code: 'TOO_MANY_PIXELS' },
    { name: '36 million pixels', bytes: await flat(6000).png().toBuffer(), code: null },
    { name: 'one pixel', bytes: await flat(1).png().toBuffer(), code: null },
  ]
}

/** Milliseconds of each search, one after the other. */
async function searches(ms: number): Promise<readonly number[]> {
  const times: number[] = []
  const started = performance.now()
  while (performance.now() - started < ms) {
    const { type, body } = searchForm(pictures[times.length % pictures.length]!, 10)
    const before = performance.now()
    const answer = await client.send('POST', `${path}/search`, type, body)
    times.push(performance.now() - before)
    if (answer.status !== 200) wrong.push(`search: ${answer.status} ${answer.body}`)
  }
  return times
}

async function keepAdding(end: number, oneByOne: boolean): Promise<void> {
  while (performance.now() < end) {
    if (oneByOne) await putOne(next++, true)
    else await postMany(Array.from({ length: BULK_FILES }, () => next++))
  }
}

/** The image that is sent as the i-th: every tenth is hostile. */
function imageOf(i: number): { name: string; bytes: Uint8Array; code: string | null } {
  const sound = { name: 'sound', bytes: pictures[i % pictures.length]!, code: null }
  return i % 10 === 9 ? hostile[Math.floor(i / 10) % hostile.length]! : sound
}

async function putOne(i: number, mayBeHostile: boolean): Promise<void> {
  const image = mayBeHostile ? imageOf(i) : { ...imageOf(0), bytes: pictures[i % pictures.length]! }
  const target = `${path}/images/${i % IDS}`
  const { status, body } = await client.send('PUT', target, 'image/jpeg', image.bytes)
  judge(image, status < 300 ? null : (JSON.parse(body) as { code: string }).code, body)
}

async function postMany(numbers: readonly number[]): Promise<void> {
  const images = numbers.map(imageOf)
  const { type, body } = formOf(
    images.map(({ bytes }, i) => ({ name: 'image', fileName: `${numbers[i]! % IDS}`, bytes })),
  )
  const answer = await client.send('POST', `${path}/images`, type, body)
  if (answer.status !== 200) {
    wrong.push(`form: ${answer.status} ${answer.body}`)
    return
  }
  const { results } = JSON.parse(answer.body) as { results: { error?: { code: string } }[] }
  for (const [i, image] of images.entries()) {
    judge(image, results[i]?.error?.code ?? null, JSON.stringify(results[i]))
  }
}

/** @param code null for success. */
function judge(image: { name: string; code: string | null }, code: string | null, body: string) {
  const outcome = `${image.name}, ${code ?? 'stored'}`
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  if (code !== image.code) wrong.push(`${image.name}: ${body}`)
}

/** Median of the last minute less that of the second, MB; shorter than three minutes, of the halves after the first. */
function growthOf(memory: readonly { readonly ms: number; readonly bytes: number }[]): number {
  const last = memory.at(-1)?.ms ?? 0
  const window = Math.min(60_000, (last - 60_000) / 2)
  const median = (from: number) =>
    quantile(
      memory.filter(({ ms }) => ms >= from && ms <= from + window).map(({ bytes }) => bytes),
      0.5,
    )
  return (median(last - window) - median(60_000)) / 1e6
}
