import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type {
  AnyTable,
  CallMessage,
  RepliesMessage,
  Reply,
  ToThread,
} from '../../../threads/call-table.ts'
import { startThread } from '../../../threads/thread-host.ts'
import { type Database, openForWriting } from './database.ts'
import { type Change, commitTogether } from './group-commit.ts'
import { LogErasure } from './log-erasure.ts'
import { purgeSlices } from './purge.ts'
import { WriteOperations } from './write-operations.ts'

const MAX_CHANGES_A_COMMIT = 1024
const MAX_BYTES_A_COMMIT = 32 * 1024 * 1024
/** Under load, one slice of a purge comes after this many commits. */
const COMMITS_A_PURGE = 8
/** The time that a stop gives to a purge that is under way; the next start does the rest. */
const PURGE_AT_END_MS = 3000
/** Calls after which there are rows to free. */
const LEAVES_ROWS: ReadonlySet<string> = new Set(['dropCollection', 'dropGeneration'])
/** Calls after which the log holds what nobody may read any more. A `put` erases where it replaces. */
const ERASES: ReadonlySet<string> = new Set(['deleteKeys', 'patchMetadata', 'put', 'forgetJob'])

/** Owns the one connection that writes. Calls that wait at the same time share one commit. */
class Writer {
  readonly #port: MessagePort
  readonly #database: Database
  readonly #operations: WriteOperations
  readonly #purgeSlice: () => boolean
  readonly #log: LogErasure
  #purge: NodeJS.Immediate | null = null
  #commitsSincePurge = 0
  #purgeState: 'clean' | 'to do' = 'to do'

  constructor(port: MessagePort, path: string) {
    this.#port = port
    this.#database = openForWriting(path)
    try {
      this.#operations = new WriteOperations(this.#database)
      this.#purgeSlice = purgeSlices(this.#database)
      this.#log = new LogErasure(this.#database)
    } catch (error) {
      this.#database.close()
      throw error
    }
    this.#schedulePurge()
  }

  receive(message: ToThread): void {
    if (message.type === 'end') this.#close()
    else if (message.type === 'call') this.#commit(this.#withThoseWaiting(message))
  }

  #commit(batch: readonly CallMessage[]): void {
    const replies = commitTogether(
      this.#database,
      batch.map((message) => this.#change(message)),
      () => this.#operations.stampSeq(),
    )
    this.#port.postMessage({ type: 'replies', replies } satisfies RepliesMessage)
    if (batch.some(({ kind }) => LEAVES_ROWS.has(kind))) this.#purgeState = 'to do'
    if (batch.some((message, i) => erased(message, replies[i]!))) this.#log.due()
    if (!replies.some((reply) => 'result' in reply)) return
    this.#schedulePurge()
    // Messages that keep coming can hold up the event loop's turn for long.
    if (this.#purge !== null && ++this.#commitsSincePurge >= COMMITS_A_PURGE) this.#purgeOnce()
  }

  /** The main thread sends `end` only when no call waits, so all that follow `first` are calls. */
  #withThoseWaiting(first: CallMessage): CallMessage[] {
    const batch = [first]
    let bytes = first.bytes
    while (batch.length < MAX_CHANGES_A_COMMIT && bytes < MAX_BYTES_A_COMMIT) {
      const waiting = receiveMessageOnPort(this.#port)
      if (waiting === undefined) break
      const message = waiting.message as CallMessage
      batch.push(message)
      bytes += message.bytes
    }
    return batch
  }

  #change({ call, kind, args }: CallMessage): Change {
    const operations = this.#operations as object as AnyTable
    return { call, name: kind, run: () => operations[kind]!(args) }
  }

  /** One slice a turn of the event loop, so that calls come between. */
  #schedulePurge(): void {
    if (this.#purgeState === 'clean') return
    this.#purge ??= setImmediate(() => {
      this.#purge = null
      if (this.#purgeOnce()) this.#schedulePurge()
    })
  }

  #purgeOnce(): boolean {
    this.#commitsSincePurge = 0
    try {
      if (this.#purgeSlice()) this.#log.due()
      else this.#purgeState = 'clean'
      return true
    } catch (error) {
      // A full disk must not end the thread: no call waits for the space, and the next commit that
      // succeeds, or the next start, resumes the purge.
      if (!(error instanceof Error) || error.name !== 'SqliteError') throw error
      return false
    }
  }

  #close(): void {
    if (this.#purge !== null) clearImmediate(this.#purge)
    const deadline = performance.now() + PURGE_AT_END_MS
    while (this.#purgeState === 'to do' && performance.now() < deadline && this.#purgeOnce()) {}
    this.#log.close()
    this.#database.pragma('wal_checkpoint(TRUNCATE)')
    this.#database.close()
    this.#port.close()
  }
}

function erased({ kind }: CallMessage, reply: Reply): boolean {
  if (!ERASES.has(kind) || !('result' in reply)) return false
  if (kind !== 'put') return true
  return (reply.result as ReturnType<WriteOperations['put']>).replacedKey !== null
}

await startThread((port) => {
  const { path } = workerData as { readonly path: string }
  const writer = new Writer(port, path)
  return { receive: (message) => writer.receive(message) }
})
