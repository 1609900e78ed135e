// Measures the images a second through the service against what the machine can do: sharp alone, the session
// alone, and the two overlapped by hand. The methods take turns and are compared within a round, so that
// the state of the machine is the same for all.
// Then storing, of small, middle and large pictures, against its parts; with OTHER, also by the service of another built checkout, in turns.
// usage: node dist/bench/embedding.js [FOLDER [OTHER]]; with --storing before, storing alone
import { availableParallelism } from 'node:os'
import { readBundle } from '../src/adapters/models-folder/read-bundle.ts'
import { joinedPixels, openModelSession } from '../src/adapters/onnxruntime/model-session.ts'
import { createSharpImageDecoder } from '../src/adapters/sharp-image-decoder.ts'
import { SETTINGS } from '../src/config/settings.ts'
import { preprocessOf } from '../src/embedding/model-bundle.ts'
import { servingModel } from '../src/embedding/serving-model.ts'
import { formOf, HttpLoad } from './support/http-load.ts'
import { photographs } from './support/photographs.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'
import { processCpuMs, storingTable } from './support/storing.ts'

const ROUNDS = 7
const MS_A_TURN = 1500
const storingAlone = process.argv[2] === '--storing'
const [folder, other] = process.argv.slice(storingAlone ? 3 : 2)
const images = await photographs(folder, 64)
const imageAt = (i: number) => images[i % images.length]!

const { bundle, onnx } = await readBundle(`models/${SETTINGS.model.fallback}`)
const graph = servingModel(bundle, onnx)
const spec = preprocessOf(bundle)
const sessionStart = {
  name: `model ${bundle.name}`,
  model: graph.bytes.slice(),
  inputName: graph.inputName,
  outputName: graph.outputName,
  width: spec.width,
  height: spec.height,
  dimensions: bundle.output.dimensions,
  provider: 'cpu',
  gpuDevice: 0,
  maxBatch: 8,
  calibrate: 'never',
  threads: null,
} as const
const session = await openModelSession(sessionStart)
const onOneThread = await openModelSession({ ...sessionStart, model: graph.bytes, threads: 1 })
const cores = availableParallelism()
const decoder = createSharpImageDecoder()
const decode = async (i: number) => (await decoder.decode(imageAt(i), spec)).pixels
const samplePixels = await decode(0)
const run = (batch: readonly Uint8Array[]) => session.run(batch.length, joinedPixels(batch))

/** Milliseconds of this process and of the service for an image, of each turn of each method. */
const cpuOf = new Map<string, number[][]>()

interface Turn {
  /** The number of images. */
  readonly images: number
  readonly ms: number
  /** Milliseconds of each image or batch, from its beginning to its end. */
  readonly times: readonly number[]
}

/** Runs `count` callers until the time is over. Each calls again once it has its answer. */
async function callers(count: number, call: (i: number) => Promise<unknown>): Promise<Turn> {
  const times: number[] = []
  let next = 0
  const started = performance.now()
  const one = async () => {
    while (performance.now() - started < MS_A_TURN) {
      const before = performance.now()
      await call(next++)
      times.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: count }, one))
  return { images: times.length, ms: performance.now() - started, times }
}

/** Decodes and embeds at once: one decoder a core fills a list, and the session takes what is there when it is free. */
async function overlapped(maxBatch: number): Promise<Turn> {
  const decoded: Uint8Array[] = []
  const started = performance.now()
  const over = () => performance.now() - started >= MS_A_TURN
  let next = 0
  let embedded = 0
  let wake = () => {}
  const decoding = Array.from({ length: cores }, async () => {
    while (!over()) {
      // They are ahead of the session by two batches at most.
      if (decoded.length < 2 * maxBatch + cores) decoded.push(await decode(next++))
      else await new Promise((done) => setTimeout(done, 1))
      wake()
    }
  })
  while (!over()) {
    if (decoded.length === 0) {
      await new Promise<void>((done) => {
        wake = done
      })
      continue
    }
    embedded += (await run(decoded.splice(0, maxBatch))).length / bundle.output.dimensions
  }
  const ms = performance.now() - started
  await Promise.all(decoding)
  return { images: embedded, ms, times: [] }
}

async function startOther(checkout: string): Promise<RunningService> {
  const started = await RunningService.start(undefined, [], checkout)
  await started.json('PUT', '/v1/collections/bench', {})
  return started
}

/** Measures storing, and writes its report. */
async function measureStoring(): Promise<void> {
  const services: Record<string, RunningService> = { 'this build': service }
  if (other !== undefined) services['the other build'] = await startOther(other)
  const parts = { services, photographs: images, spec, session: onOneThread }
  const storing = await storingTable(parts)
  await services['the other build']?.close()
  const data = `pictures made of ${folder === undefined ? 'drawings' : folder.replace(/.*\//, '')}`
  writeReport('storing', circumstances(data, 'default model, medians of 3 rounds in turn'), [
    storing,
  ])
}

const service = await RunningService.start()
const client = new HttpLoad(service.url)
try {
  const path = '/v1/collections/bench'
  await service.json('PUT', path, {})
  const forms = images.map((bytes) =>
    formOf([
      { name: 'encoding_format', bytes: Buffer.from('base64') },
      { name: 'image', fileName: 'image', bytes },
    ]),
  )
  const checked = async (...call: Parameters<HttpLoad['send']>) => {
    const { status, body } = await client.send(...call)
    if (status >= 300) throw new Error(`${call[0]} ${call[1]}: ${status} ${body}`)
  }
  const put = (i: number) => checked('PUT', `${path}/images/${i % 500}`, 'image/jpeg', imageAt(i))
  const embed = (i: number) => {
    const { type, body } = forms[i % forms.length]!
    return checked('POST', '/v1/embeddings', type, body)
  }
  await Promise.all([put(0), embed(0)])
  const measureEmbedding = async () => {
    const methods: Record<string, () => Promise<Turn>> = {
      'decode, one at a time': () => callers(1, decode),
      [`decode, ${cores} at a time`]: () => callers(cores, decode),
      'session, batches of 1': () => callers(1, () => run([samplePixels])),
      'session, batches of 8': async () => {
        const turn = await callers(1, () => run(Array.from({ length: 8 }, () => samplePixels)))
        return { ...turn, images: turn.images * 8 }
      },
      'decode, then session, by hand': () => callers(1, async (i) => run([await decode(i)])),
      'overlapped by hand, batches of 1': () => overlapped(1),
      'overlapped by hand, batches of 8': () => overlapped(8),
      'HTTP embedding, 1 caller': () => callers(1, embed),
      'HTTP embedding, 4 callers': () => callers(4, embed),
      'HTTP embedding, 16 callers': () => callers(16, embed),
      'HTTP embedding, 64 callers': () => callers(64, embed),
      'HTTP add, 16 callers': () => callers(16, put),
    }
    const turns = new Map(Object.keys(methods).map((name) => [name, [] as Turn[]]))
    for (let round = 0; round < ROUNDS; round++) {
      const order = Object.entries(methods)
      // Every second round goes backwards, so that a machine that slows down favours none.
      for (const [name, method] of round % 2 === 0 ? order : order.reverse()) {
        const cpuBefore = [processCpuMs('self'), processCpuMs(service.pid)] as const
        const turn = await method()
        const cpu = [processCpuMs('self'), processCpuMs(service.pid)].map(
          (ms, i) => (ms - cpuBefore[i]!) / turn.images,
        )
        turns.get(name)!.push(turn)
        cpuOf.set(name, [...(cpuOf.get(name) ?? []), cpu])
      }
    }
    const median = (numbers: readonly number[]) => quantile(numbers, 0.5)
    const rateOf = ({ images, ms }: Turn) => (images / ms) * 1000
    const perSecond = (name: string) => median(turns.get(name)!.map(rateOf))
    const p50 = (name: string) => median(turns.get(name)!.flatMap(({ times }) => times))
    const fastest = (names: readonly string[]) =>
      names.reduce((best, name) => (perSecond(name) > perSecond(best) ? name : best))
    /** Computes a figure from the turns that some methods had in a round, and takes the median over the rounds. */
    const inRounds = (names: readonly string[], compute: (...turns: Turn[]) => number) =>
      median(
        Array.from({ length: ROUNDS }, (_, round) =>
          compute(...names.map((name) => turns.get(name)![round]!)),
        ),
      )
    const byHand = fastest(['overlapped by hand, batches of 1', 'overlapped by hand, batches of 8'])
    const overHttp = fastest([4, 16, 64].map((callers) => `HTTP embedding, ${callers} callers`))
    const ceiling = perSecond(byHand)
    const share = inRounds([overHttp, byHand], (http, hand) => rateOf(http!) / rateOf(hand!))
    const aboveParts = inRounds(
      ['HTTP embedding, 1 caller', 'decode, one at a time', 'session, batches of 1'],
      (http, decoded, run) => median(http!.times) - median(decoded!.times) - median(run!.times),
    )
    const decoding = perSecond(`decode, ${cores} at a time`)
    const running = Math.max(perSecond('session, batches of 1'), perSecond('session, batches of 8'))
    writeReport(
      'embedding',
      circumstances(
        `${images.length} JPEG files of 640 x 480, ${folder === undefined ? 'drawn' : `of ${folder.replace(/.*\//, '')}`}`,
        `default model, medians of ${ROUNDS} rounds of ${MS_A_TURN / 1000} s in turn (goals: of each round's ratio or difference), load generator on the same machine`,
      ),
      [
        {
          title: 'Images a second',
          columns: [
            ...['method', 'images/s', 'share of the ceiling', 'p50 ms'],
            ...['CPU ms an image, here', 'CPU ms an image, service'],
          ],
          rows: Object.keys(methods).map((name) => [
            name,
            perSecond(name),
            perSecond(name) / ceiling,
            p50(name) || '',
            median(cpuOf.get(name)!.map(([here]) => here!)),
            median(cpuOf.get(name)!.map(([, there]) => there!)),
          ]),
        },
        {
          title: 'Goals',
          columns: ['goal', 'wanted', 'got'],
          rows: [
            [`${overHttp} against ${byHand}`, 'at least 0.9', share],
            ['one caller: p50 above decode + session, ms', 'at most 3', aboveParts],
            [
              'what binds',
              '',
              decoding < running
                ? `decoding (${decoding.toFixed(0)} images/s alone, the session ${running.toFixed(0)})`
                : `the session (${running.toFixed(0)} images/s alone, decoding ${decoding.toFixed(0)})`,
            ],
          ],
        },
      ],
    )
  }
  await measureStoring()
  if (!storingAlone) await measureEmbedding()
} finally {
  client.close()
  await service.close()
  await decoder.close()
  await session.close()
  await onOneThread.close()
}
