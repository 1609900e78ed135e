import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import sharp from 'sharp'
import type { ModelSession } from '../../src/adapters/onnxruntime/model-session.ts'
import { decodeImage } from '../../src/adapters/sharp-decode.ts'
import type { PreprocessSpec } from '../../src/image/image-decoder.ts'
import { NEVER_STOPPED } from '../../src/threads/stop-flags.ts'
import { HttpLoad } from './http-load.ts'
import { quantile, type Table } from './report.ts'
import type { RunningService } from './running-service.ts'

const ROUNDS = 3
const MS_A_TURN = 1500
const MS_OF_PARTS = 600
/** The first turn is long enough for sessions side by side to be opened, and for most of what runs often to be compiled. */
const FIRST_MS = 12_000
const FIRST_PICTURES = 2000
const MOST_FIRST_MS = 60_000
const WARM_MS = 1000
const TICKS_A_SECOND = 100

const SIZES = {
  small: { width: 128, height: 96, count: 32, callers: 16 },
  middle: { width: 640, height: 480, count: 32, callers: 16 },
  // Bodies of 20 MB: more callers would be beyond the share of one address.
  '12 megapixels': { width: 4000, height: 3000, count: 2, callers: 4 },
} as const
const FORMATS = ['jpeg', 'png', 'webp'] as const

interface StoringParts {
  /** Services by what they are called in the table. */
  readonly services: Readonly<Record<string, RunningService>>
  /** JPEG files of which the pictures are made. */
  readonly photographs: readonly Uint8Array[]
  readonly spec: PreprocessSpec
  /** The model in one session of one thread. */
  readonly session: ModelSession
}

interface Turn {
  /** Milliseconds of processor time of one picture, and pictures a second. */
  readonly cpuMs: number
  /** Those of them on the main thread of a service. */
  readonly mainMs: number
  readonly perSecond: number
}

/** Reads the user and system time of a process with all its threads, in milliseconds. */
export function processCpuMs(pid: number | 'self'): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND
}

/** Reads the processor time of the first thread of a process, in milliseconds. */
function mainThreadMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

/**
 * Measures the processor time of storing a picture by `PUT`, fingerprint and commit included, against that of its parts: decoding it
 * once for the model, and the model on one thread. Services and parts take turns.
 */
export async function storingTable(parts: StoringParts): Promise<Table> {
  const rows: (string | number)[][] = []
  for (const [size, { count, callers, ...sides }] of Object.entries(SIZES)) {
    for (const format of FORMATS) {
      const files = await Promise.all(
        parts.photographs.slice(0, count).map((file) =>
          sharp(file)
            .resize({ ...sides, fit: 'fill' })
            .toFormat(format)
            .toBuffer(),
        ),
      )
      rows.push(
        ...(await rowsOf(
          `${size}, ${format.toUpperCase()}`,
          format,
          files,
          callers,
          rows.length === 0,
          parts,
        )),
      )
    }
  }
  return {
    title: 'Storing by PUT: 16 callers, of 12 megapixels 4',
    columns: [
      ...[
        'picture',
        'service',
        'CPU ms a picture',
        'of them on the main thread',
        'of its parts: decoded once, model on one thread',
      ],
      ...['over the sum of the parts', 'pictures/s', "share of the parts' ceiling on all cores"],
    ],
    rows,
  }
}

async function rowsOf(
  name: string,
  format: string,
  files: readonly Uint8Array[],
  callers: number,
  isFirst: boolean,
  { services, spec, session }: StoringParts,
): Promise<(string | number)[][]> {
  const calls = Object.entries(services).map(([label, service]) => {
    const client = new HttpLoad(service.url)
    let next = 0
    const put = async () => {
      const i = next++
      const file = files[i % files.length]!
      const path = `/v1/collections/bench/images/${format}-${i % 500}`
      const { status, body } = await client.send('PUT', path, `image/${format}`, file)
      if (status >= 300) throw new Error(`${path}: ${status} ${body}`)
    }
    return {
      label,
      client,
      run: (ms: number) =>
        turn(
          ms,
          callers,
          put,
          () => processCpuMs(service.pid),
          () => mainThreadMs(service.pid),
        ),
    }
  })
  const bounds = { maxPixels: 64_000_000, stop: NEVER_STOPPED }
  let decoded = 0
  const decode = async () => {
    await decodeImage(files[decoded++ % files.length]!, spec, bounds)
  }
  const pixels = spec.width * spec.height * 3
  const embed = async () => void (await session.run(1, new Uint8Array(pixels)))
  const here = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const turns = calls.map((): Turn[] => [])
  const partsMs: [number, number][] = []
  for (const { run } of calls) {
    const started = performance.now()
    let pictures = 0
    const isWarm = () => {
      const ms = performance.now() - started
      return !isFirst || pictures >= FIRST_PICTURES || ms > MOST_FIRST_MS
    }
    do {
      const ms = isFirst ? FIRST_MS : WARM_MS
      pictures += ((await run(ms)).perSecond * ms) / 1000
    } while (!isWarm())
  }
  for (let round = 0; round < ROUNDS; round++) {
    const decoding = await turn(MS_OF_PARTS, 1, decode, here)
    const embedding = await turn(MS_OF_PARTS, 1, embed, here)
    partsMs.push([decoding.cpuMs, embedding.cpuMs])
    // Every second round goes backwards, so that a machine that slows down favours none.
    const order = [...calls.entries()]
    for (const [i, { run }] of round % 2 === 0 ? order : order.reverse()) {
      turns[i]!.push(await run(MS_A_TURN))
    }
  }
  for (const { client } of calls) client.close()
  const median = (numbers: readonly number[]) => quantile(numbers, 0.5)
  return calls.map(({ label }, i) => {
    const over = turns[i]!.map(({ cpuMs }, round) => cpuMs / sum(partsMs[round]!))
    const ceiling = turns[i]!.map(
      ({ perSecond }, round) =>
        perSecond / ((availableParallelism() * 1000) / sum(partsMs[round]!)),
    )
    const cpuMs = median(turns[i]!.map((one) => one.cpuMs))
    const mainMs = median(turns[i]!.map((one) => one.mainMs))
    const [decoding, embedding] = [0, 1].map((part) => median(partsMs.map((both) => both[part]!)))
    const shown = `${decoding!.toFixed(2)} + ${embedding!.toFixed(2)}`
    const perSecond = median(turns[i]!.map((one) => one.perSecond))
    return [name, label, cpuMs, mainMs, shown, median(over), perSecond, median(ceiling)]
  })
}

function sum([a, b]: readonly [number, number]): number {
  return a + b
}

/** Has so many callers call again and again until the time is over, once each at least. */
async function turn(
  ms: number,
  callers: number,
  call: () => Promise<void>,
  cpuMs: () => number,
  mainMs: () => number = () => 0,
): Promise<Turn> {
  const before = cpuMs()
  const mainBefore = mainMs()
  const started = performance.now()
  let done = 0
  const one = async () => {
    do {
      await call()
      done++
    } while (performance.now() - started < ms)
  }
  await Promise.all(Array.from({ length: callers }, one))
  return {
    cpuMs: (cpuMs() - before) / done,
    mainMs: (mainMs() - mainBefore) / done,
    perSecond: (done / (performance.now() - started)) * 1000,
  }
}
