import { workerData } from 'node:worker_threads'
import { ownBuffers, serveThread } from '../../../threads/thread-host.ts'
import { openForReading } from './database.ts'
import { ReadOperations } from './read-operations.ts'

/** Answers reads from its own connection. Two of these threads run: one for quick calls, one for long ones. */
await serveThread(() => {
  const { path } = workerData as { readonly path: string }
  const database = openForReading(path)
  const calls = new ReadOperations(database)
  return { calls, transfer: ownBuffers, end: () => void database.close() }
})
