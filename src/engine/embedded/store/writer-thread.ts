import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type {
  AnyTable,
  CallMessage,
  RepliesMessage,
  Reply,
  ToThread,
} from '../../../threads/call-table.ts'
import { sentError } from '../../../threads/thread-error.ts'
import { startThread } from '../../../threads/thread-host.ts'
import { type Database, openForWriting } from './database.ts'
import { diskFull, isDiskFull, storeError } from './disk-full.ts'
import { DiskReserve } from './disk-reserve.ts'
import { DiskRoom } from './disk-room.ts'
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
/** About the bytes that are freed at once where the disk is full: the log must fit into what is left. */
const BYTES_ON_FULL_DISK = 256 * 1024
/** The time in which a full disk is tidied at once. */
const TIDY_WITHIN_MS = 100
/** Calls that free room, and those by which jobs end: on a full disk they are all that is taken. */
const FREES: ReadonlySet<string> = new Set([
  'deleteKeys',
  'dropCollection',
  'dropGeneration',
  'forgetIdentity',
  'forgetJob',
  'saveJob',
])
/** Calls after which the log holds what nobody may read any more. A `put` erases where it replaces. */
const ERASES: ReadonlySet<string> = new Set([
  'changeIdentities',
  'deleteKeys',
  'forgetIdentity',
  'forgetJob',
  'patchMetadata',
  'put',
])

const EMPTY_LOG = 'emptyLog'

/** Owns the one connection that writes. Calls that wait at the same time share one commit. */
class Writer {
  readonly #port: MessagePort
  readonly #database: Database
  readonly #operations: WriteOperations
  readonly #purgeSlice: (mostBytes?: number) => boolean
  readonly #log: LogErasure
  readonly #room: DiskRoom
  #purge: NodeJS.Immediate | null = null
  #commitsSincePurge = 0
  #purgeState: 'clean' | 'to do' = 'to do'

  constructor(port: MessagePort, path: string) {
    this.#port = port
    const reserve = new DiskReserve(path)
    const opened = openInReserve(path, reserve)
    this.#database = opened.database
    this.#room = new DiskRoom({
      reserve,
      tidy: () => this.#tidy(),
      changed: (value) => port.postMessage({ type: 'notice', kind: 'diskFull', value }),
    })
    try {
      this.#operations = new WriteOperations(this.#database)
      this.#purgeSlice = purgeSlices(this.#database)
      this.#log = new LogErasure(this.#database)
    } catch (error) {
      this.#room.close()
      this.#database.close()
      throw error
    }
    if (opened.isFull) this.#room.ranOut()
    this.#schedulePurge()
  }

  receive(message: ToThread): void {
    if (message.type === 'end') this.#close()
    else if (message.type === 'call') this.#commit(this.#withThoseWaiting(message))
  }

  #commit(all: readonly CallMessage[]): void {
    const batch = all.filter(({ kind }) => kind !== EMPTY_LOG)
    const replies = this.#room.isFull ? this.#commitWhatFrees(batch) : this.#commitAll(batch)
    // After the changes before it, and no change itself: it cannot be part of a transaction.
    const emptied = all
      .filter(({ kind }) => kind === EMPTY_LOG)
      .map(({ call }): Reply => ({ call, result: this.#log.emptied() }))
    this.#port.postMessage({
      type: 'replies',
      replies: [...replies, ...emptied],
    } satisfies RepliesMessage)
    if (batch.some(({ kind }) => LEAVES_ROWS.has(kind))) this.#purgeState = 'to do'
    if (batch.some((message, i) => erased(message, replies[i]!))) this.#log.due()
    if (!replies.some((reply) => 'result' in reply)) return
    this.#schedulePurge()
    // Messages that keep coming can hold up the event loop's turn for long.
    if (this.#purge !== null && ++this.#commitsSincePurge >= COMMITS_A_PURGE) this.#purgeOnce()
  }

  #commitAll(batch: readonly CallMessage[]): Reply[] {
    const replies = this.#commitTogether(batch)
    this.#room.wrote(batch.reduce((sum, { bytes }) => sum + bytes, 0))
    if (!replies.some(saysFull)) return replies
    this.#room.ranOut()
    const failed = batch.filter((_message, i) => saysFull(replies[i]!))
    const again = new Map(this.#commitWhatFrees(failed).map((reply) => [reply.call, reply]))
    return replies.map((reply) => again.get(reply.call) ?? reply)
  }

  /** Each alone, so that the log stays short: it may have to fit into the reserve. */
  #commitWhatFrees(batch: readonly CallMessage[]): Reply[] {
    return batch.map((given) => {
      const { call, kind } = given
      const message = kind === 'deleteKeys' ? inSmallSteps(given) : given
      if (!FREES.has(kind)) return { call, error: sentError(diskFull(`cannot ${kind}`)) }
      let [reply] = this.#commitTogether([message])
      if (saysFull(reply!) && (this.#log.emptied() || this.#room.release())) {
        this.#room.release()
        ;[reply] = this.#commitTogether([message])
      }
      this.#log.emptied()
      return reply!
    })
  }

  #commitTogether(batch: readonly CallMessage[]): Reply[] {
    const changes = batch.map((message) => this.#change(message))
    return commitTogether(this.#database, changes, () => this.#operations.stampSeq())
  }

  /** Frees what was dropped, where the disk is full. */
  #tidy(): void {
    const deadline = performance.now() + TIDY_WITHIN_MS
    while (this.#purgeState === 'to do' && performance.now() < deadline) {
      if (!this.#purgeOnce() && !this.#room.release()) break
      this.#log.emptied()
    }
    this.#log.emptied()
  }

  /** The main thread sends `end` only when no call waits, so all that follow `first` are calls. */
  #withThoseWaiting(first: CallMessage): CallMessage[] {
    const batch = [first]
    let bytes = first.bytes
    while (batch.length < MAX_CHANGES_A_COMMIT && bytes < MAX_BYTES_A_COMMIT) {
      const waiting = receiveMessageOnPort(this.#port)
      if (waiting === undefined) break
      const message = waiting.message as ToThread
      if (message.type !== 'call') continue
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
      if (this.#purgeSlice(this.#room.isFull ? BYTES_ON_FULL_DISK : undefined)) this.#log.due()
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
    this.#room.close()
    // On a full disk the log stays, and the next start reads it.
    this.#log.emptied()
    this.#database.close()
    this.#port.close()
  }
}

/** Opens the database; where the disk is too full for that, in the reserve. @throws DISK_FULL also there. */
function openInReserve(path: string, reserve: DiskReserve) {
  try {
    return { database: openForWriting(path), isFull: false }
  } catch (error) {
    if (!isDiskFull(error)) throw error
    if (!reserve.release()) throw storeError(error, `could not open ${path}`)
  }
  try {
    return { database: openForWriting(path), isFull: true }
  } catch (error) {
    throw isDiskFull(error) ? storeError(error, `could not open ${path}`) : error
  }
}

function inSmallSteps(message: CallMessage): CallMessage {
  return { ...message, args: { ...(message.args as object), mostBytes: BYTES_ON_FULL_DISK } }
}

function saysFull(reply: Reply): boolean {
  return 'error' in reply && reply.error.coded?.code === 'DISK_FULL'
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
