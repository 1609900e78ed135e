// Runs in its own thread: reads the large JSON bodies that would hold up the event loop.
import { parentPort } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import { BODY_READERS } from './body-readers.ts'
import type { BodyJob, BodyResult } from './body-thread-messages.ts'

const port = parentPort
if (port === null) throw new Error('body-worker runs as a worker thread only')

port.on('message', ({ job, kind, body }: BodyJob) => {
  const result = run(job, kind, body)
  port.postMessage(result, result.kind === 'read' ? buffersOf(result.value) : [])
})

function run(job: number, kind: BodyJob['kind'], body: Uint8Array): BodyResult {
  try {
    return { job, kind: 'read', value: BODY_READERS[kind](body) }
  } catch (error) {
    if (error instanceof AppError) {
      const { code, message, issues } = error
      return { job, kind: 'refused', code, message, issues }
    }
    return { job, kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

/** The memory of every typed array in a read body, to be moved instead of copied. */
function buffersOf(value: unknown, found: ArrayBuffer[] = []): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.push(value.buffer as ArrayBuffer)
  else if (Array.isArray(value)) {
    // Lists of ids are long and hold no arrays; lists of examples are short.
    if (typeof value[0] === 'object') for (const item of value) buffersOf(item, found)
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) buffersOf(member, found)
  }
  return found
}
