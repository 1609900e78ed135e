import { workerData } from 'node:worker_threads'
import { type CodeTarget, writeCodes } from '../../../index/scan/cascade/coded-rows.ts'
import { learnTransform, type Transform } from '../../../index/scan/cascade/transform.ts'
import { RowSource } from '../../../index/scan/row-source.ts'
import { Projector } from '../../../kernels/projector.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { seededRandom } from '../../../vector/random.ts'
import { rowReader } from '../row-files/read-row.ts'
import { rowWriter } from '../row-files/write-rows.ts'

/** `workerData` of the thread. */
export interface CoderData {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module
}

/** See `RowCoder`. */
export type CoderCalls = typeof calls

interface Sample {
  readonly rows: RowsView
  readonly sample: Uint32Array
  readonly now: Transform | null
}

interface RowsToWrite {
  readonly rows: RowsView
  readonly target: CodeTarget | null
  readonly wanted: Uint32Array
}

/** The same data then gives the same codes; they cannot change an answer, only its cost. */
const SEED = 1

const projector = new Projector((workerData as CoderData).module)
const segments: WebAssembly.Memory[] = []
const source = new RowSource(segments, rowReader())
const writeRows = rowWriter(source)

const calls = {
  learn({ rows, sample, now }: Sample) {
    // Read again each time: a copy of all would stay in memory long after.
    const vector = (i: number) => source.vector(rows, sample[i]!)
    const vectors = { count: sample.length, vector }
    return learnTransform(vectors, rows.layout.dimensions, seededRandom(SEED), now)
  },
  write({ rows, target, wanted }: RowsToWrite) {
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
