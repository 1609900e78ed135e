import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { openForReading } from './database.ts'
import { ReadOperations } from './read-operations.ts'
import {
  type CallMessage,
  type FromThread,
  type Handlers,
  type ReaderCalls,
  type ToThread,
  toWireError,
} from './thread-protocol.ts'

/** Answers reads from its own connection. Two such threads run: one for quick calls, one for long ones. */
function startReader(port: MessagePort, path: string): void {
  const database = openForReading(path)
  const operations = new ReadOperations(database)
  port.on('message', (message: ToThread<ReaderCalls>) => {
    if (message.kind === 'close') {
      database.close()
      port.close()
    } else {
      void answer(port, operations, message as CallMessage<ReaderCalls>)
    }
  })
}

async function answer<Kind extends keyof ReaderCalls>(
  port: MessagePort,
  operations: Handlers<ReaderCalls>,
  { call, kind, args }: CallMessage<ReaderCalls, Kind>,
): Promise<void> {
  try {
    const result: unknown = await operations[kind](args)
    const replies = [{ call, result }]
    port.postMessage({ kind: 'replies', replies } satisfies FromThread, buffersOf(result))
  } catch (cause) {
    const error = toWireError(cause, 'STORE_FAILED', `the store could not read ${kind}`)
    port.postMessage({ kind: 'replies', replies: [{ call, error }] } satisfies FromThread)
  }
}

/** The large arrays of a result: handed over instead of copied. */
function buffersOf(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  return [result, ...Object.values(result)]
    .filter((value) => ArrayBuffer.isView(value))
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer)
}

const port = parentPort!
const { path } = workerData as { path: string }
try {
  startReader(port, path)
  port.postMessage({ kind: 'ready' } satisfies FromThread)
} catch (error) {
  const wire = toWireError(error, 'DATA_FOLDER_UNUSABLE', `cannot use ${path}`)
  port.postMessage({ kind: 'refused', error: wire } satisfies FromThread)
}
