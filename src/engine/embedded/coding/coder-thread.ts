import { parentPort, workerData } from 'node:worker_threads'
import { writeCodes } from '../../../index/scan/cascade/coded-rows.ts'
import { learnTransform } from '../../../index/scan/cascade/transform.ts'
import { RowSource } from '../../../index/scan/row-source.ts'
import { Projector } from '../../../kernels/projector.ts'
import { seededRandom } from '../../../vector/random.ts'
import { rowReader } from '../row-files/read-row.ts'
import { rowWriter } from '../row-files/write-rows.ts'
import type { CoderData, CoderReply, CoderTask, FromCoder, ToCoder } from './coder-messages.ts'

/** The same data then gives the same codes; they cannot change an answer, only its cost. */
const SEED = 1

const port = parentPort!
const projector = new Projector((workerData as CoderData).module)
const segments: WebAssembly.Memory[] = []
const source = new RowSource(segments, rowReader())
const writeRows = rowWriter(source)

function run(task: CoderTask): Omit<CoderReply, 'number'> {
  if (task.kind === 'write') {
    const { rows, target, wanted } = task
    const coded =
      target === null
        ? new Uint32Array(0)
        : writeCodes(segments, projector, source, rows, target, wanted)
    writeRows(rows, wanted)
    return { learnt: null, coded }
  }
  const { rows, now } = task
  // Read anew each time: a copy of all would stay in memory long after.
  const sample = {
    count: task.sample.length,
    vector: (i: number) => source.vector(rows, task.sample[i]!),
  }
  const learnt = learnTransform(sample, rows.layout.dimensions, seededRandom(SEED), now)
  return { learnt, coded: null }
}

port.on('message', (message: ToCoder) => {
  if (message.kind === 'segment') {
    segments.push(message.memory)
    return
  }
  const { number, task } = message
  let reply: FromCoder
  try {
    reply = { number, ...run(task) }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reply = { number, failure }
  }
  port.postMessage(reply)
})
