import { workerData } from 'node:worker_threads'
import { type RowCoder, writeCodes } from '../../../index/scan/cascade/coded-rows.ts'
import { learnTransform } from '../../../index/scan/cascade/transform.ts'
import { RowSource } from '../../../index/scan/row-source.ts'
import { Projector } from '../../../kernels/projector.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { seededRandom } from '../../../vector/random.ts'
import { rowReader, rowWriter } from '../row-files/row-access.ts'

export interface CoderData {
  readonly module: WebAssembly.Module
}

/** See `RowCoder`. */
export type CoderCalls = typeof calls

/** The same data then gives the same codes; they cannot change an answer, only its cost. */
const SEED = 1

const projector = new Projector((workerData as CoderData).module)
const segments: WebAssembly.Memory[] = []
const source = new RowSource(segments, rowReader())
const writeRows = rowWriter(source)

const calls = {
  learn([rows, sample, now]: Parameters<RowCoder['learn']>) {
    // Read again each time: a copy of all would stay in memory long after.
    const vector = (i: number) => source.vector(rows, sample[i]!)
    const vectors = { count: sample.length, vector }
    return learnTransform(vectors, rows.layout.dimensions, seededRandom(SEED), now)
  },
  write([rows, target, wanted]: Parameters<RowCoder['write']>) {
    const coded =
      target === null
        ? new Uint32Array(0)
        : writeCodes(segments, projector, source, rows, target, wanted)
    writeRows(rows, wanted)
    return coded
  },
}

const notices = { segment: (memory: WebAssembly.Memory) => segments.push(memory) }
await serveThread(() => ({ calls, notices }))
