import { workerData } from 'node:worker_threads'
import { learnTransform } from '../../../index/scan/cascade/learn-transform.ts'
import { writeCodes } from '../../../index/scan/cascade/write-codes.ts'
import { RowSource } from '../../../index/scan/row-source.ts'
import { Projector } from '../../../kernels/projector.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { seededRandom } from '../../../vector/random.ts'
import { rowReader } from '../row-files/read-row.ts'
import { rowWriter } from '../row-files/write-rows.ts'
import type { MemoryNotices } from '../search/memory-thread.ts'
import type { CoderCalls, CoderData } from './coder-calls.ts'

/** The same data then gives the same codes; they cannot change an answer, only its cost. */
const SEED = 1

await serveThread<CoderCalls, MemoryNotices>(() => {
  const projector = new Projector((workerData as CoderData).module)
  const segments: WebAssembly.Memory[] = []
  const source = new RowSource(segments, rowReader())
  const writeRows = rowWriter(source)
  return {
    notices: { segment: (memory) => segments.push(memory) },
    calls: {
      learn({ rows, sample, now }) {
        // Read again each time: a copy of all would stay in memory long after.
        const vector = (i: number) => source.vector(rows, sample[i]!)
        const vectors = { count: sample.length, vector }
        return learnTransform(vectors, rows.layout.dimensions, seededRandom(SEED), now)
      },
      write({ rows, target, wanted }) {
        const coded =
          target === null
            ? new Uint32Array(0)
            : writeCodes(segments, projector, source, rows, target, wanted)
        writeRows(rows, wanted)
        return coded
      },
    },
  }
})
