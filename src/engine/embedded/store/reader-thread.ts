import { workerData } from 'node:worker_threads'
import { ownBuffers } from '../../../threads/answer-call.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { openForReading } from './database.ts'
import { ReadOperations } from './read-operations.ts'
import type { ReaderCalls, StoreThreadData } from './store-calls.ts'

/** Answers reads from its own connection. Two of these threads run: one for quick calls, one for long ones. */
await serveThread<ReaderCalls>(() => {
  const database = openForReading((workerData as StoreThreadData).path)
  return {
    calls: new ReadOperations(database),
    transfer: ownBuffers,
    end() {
      database.close()
    },
  }
})
