// Measures what a shipped model takes: processor time an image, on one thread, one at a time and in batches of eight, and the
// time from opening to the first vector. The models take turns, and are compared within a round.
// usage: node dist/bench/models.js
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { readBundle } from '../src/adapters/models-folder/read-bundle.ts'
import { openOnOneThread } from '../src/adapters/onnxruntime/open-with-provider.ts'
import { servingModel } from '../src/embedding/serving-model.ts'
import { seededRandom } from '../src/vector/random.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'

const ROUNDS = 25
const BATCH = 8
const AGAINST = 'efficientnet-lite0'

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function openModel(name: string) {
  const opened = cpuMs()
  const { bundle, onnx } = await readBundle(join('models', name))
  const graph = servingModel(bundle, onnx)
  const session = await openOnOneThread(graph.bytes, 'cpu')
  const { width, height } = bundle.input
  const random = seededRandom(1)
  const pixels = new Uint8Array(BATCH * width * height * 3).map(() => Math.floor(random() * 256))
  /** Returns the processor time of an image, in milliseconds. */
  const run = async (batch: number) => {
    const before = cpuMs()
    for (let i = 0; i < BATCH; i += batch) {
      const images = pixels.subarray(0, batch * width * height * 3)
      const input = new Tensor('uint8', images, [batch, height, width, 3])
      await session.run({ [graph.inputName]: input }, [graph.outputName])
    }
    return (cpuMs() - before) / BATCH
  }
  await run(1)
  const openMs = cpuMs() - opened
  await run(BATCH)
  const megabytes = statSync(join('models', name, bundle.file)).size / 1e6
  return { name, run, openMs, megabytes, alone: [] as number[], batched: [] as number[] }
}

const names = readdirSync('models').filter((name) => name.startsWith('efficientnet'))
const models = []
for (const name of names) models.push(await openModel(name))
for (let round = 0; round < ROUNDS; round++) {
  for (const { run, alone, batched } of round % 2 === 0 ? models : [...models].reverse()) {
    alone.push(await run(1))
    batched.push(await run(BATCH))
  }
}
const against = models.find(({ name }) => name === AGAINST)!
const median = (numbers: readonly number[]) => quantile(numbers, 0.5)
const ratio = (mine: readonly number[], others: readonly number[]) =>
  median(mine.map((ms, round) => ms / others[round]!))
writeReport(
  'models',
  circumstances(
    'noise of 224 x 224 pixels',
    `one thread, medians of ${ROUNDS} rounds in turn, of each round's ratio where against ${AGAINST}`,
  ),
  [
    {
      title: 'Processor time an image',
      columns: [
        ...['model', 'MB', 'alone, ms', 'in eights, ms', `alone, against ${AGAINST}`],
        ...[`in eights, against ${AGAINST}`, 'opening, ms'],
      ],
      rows: models.map(({ name, megabytes, alone, batched, openMs }) => [
        ...[name, megabytes, median(alone), median(batched)],
        ...[ratio(alone, against.alone), ratio(batched, against.batched), openMs],
      ]),
    },
  ],
)
