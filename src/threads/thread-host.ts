import { type MessagePort, parentPort } from 'node:worker_threads'
import {
  type AnyTable,
  type ArgsOf,
  type CallMessage,
  type RepliesMessage,
  type Reply,
  type ResultOf,
  START,
  type StoppedReply,
  type ToThread,
} from './call-table.ts'
import { PendingCalls } from './pending-calls.ts'
import { NEVER_STOPPED, STOPPED, stopSign } from './stop-flags.ts'
import { sentError } from './thread-error.ts'

/** The work of a thread for its client. */
interface ThreadService {
  /** The table of calls. An error that one throws goes to the caller. */
  readonly calls: object
  readonly notices?: object
  /** The result of the client's `ready`. */
  readonly ready?: unknown
  /** Gives the memory of a result that is moved to the client, not copied. */
  transfer?(result: unknown): ArrayBuffer[]
  /** Releases the memory and files of the thread, when the client asks it to end. */
  end?(): void | Promise<void>
}

/** The client, as its thread may call it back: see `ThreadOptions`. */
export interface ThreadOwner<Calls, Notices> {
  call<Kind extends keyof Calls & string>(
    kind: Kind,
    args: ArgsOf<Calls, Kind>,
  ): Promise<ResultOf<Calls, Kind>>
  notify<Kind extends keyof Notices & string>(kind: Kind, value: ArgsOf<Notices, Kind>): void
}

/**
 * Serves the calls of the client until it ends this thread. An error that `start` throws goes to the client, and the
 * thread ends.
 */
export function serveThread<OwnerCalls = unknown, OwnerNotices = unknown>(
  start: (owner: ThreadOwner<OwnerCalls, OwnerNotices>) => ThreadService | Promise<ThreadService>,
): Promise<void> {
  return startThread(async (port) => {
    const calledBack = new PendingCalls()
    const service = await start(ownerOf(port, calledBack))
    const { calls, notices = {} } = service as { calls: AnyTable; notices?: AnyTable }
    const post = port.postMessage.bind(port)
    let flags: Int32Array | null = null
    return {
      ready: service.ready,
      receive(message) {
        if (message.type === 'call') void answerCall(post, calls, message, flags, service.transfer)
        else if (message.type === 'flags') flags = message.words
        else if (message.type === 'notice') notices[message.kind]?.(message.value)
        else if (message.type === 'replies') calledBack.settle(message.replies)
        else void Promise.resolve(service.end?.()).then(() => port.close())
      },
    }
  })
}

interface Started {
  readonly ready?: unknown
  readonly receive: (message: ToThread) => void
}

/** Starts a thread that reads its messages by itself. An error that `start` throws goes to the client, too. */
export async function startThread(
  start: (port: MessagePort) => Started | Promise<Started>,
): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('expected to be started as a worker thread')
  try {
    const { ready, receive } = await start(port)
    port.on('message', receive)
    port.postMessage(repliesOf({ call: START, result: ready }))
  } catch (error) {
    port.postMessage(repliesOf({ call: START, error: sentError(error) }))
    port.close()
  }
}

/** Posts the reply to a call. Calls that return no promise are answered in their order. */
export async function answerCall(
  post: (message: RepliesMessage, transfer: ArrayBuffer[]) => void,
  calls: AnyTable,
  { call, kind, args, flag }: CallMessage,
  flags: Int32Array | null = null,
  transfer: ThreadService['transfer'] = () => [],
): Promise<void> {
  try {
    const stop = flags === null || flag === undefined ? NEVER_STOPPED : stopSign(flags, flag)
    // Nobody waits for it any more: it came behind others.
    stop.check()
    const result = await calls[kind]!(args, stop)
    post(repliesOf({ call, result }), transfer(result))
  } catch (error) {
    const isStopped = error === STOPPED
    post(repliesOf(isStopped ? { call, stopped: true } : { call, error: sentError(error) }), [])
  }
}

/** Gives the memory of a result that is a large array, or has some for members; shared memory stays. */
export function ownBuffers(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  const values = ArrayBuffer.isView(result) ? [result] : Object.values(result)
  return values
    .filter((value) => ArrayBuffer.isView(value))
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer)
}

function repliesOf(reply: Reply | StoppedReply): RepliesMessage {
  return { type: 'replies', replies: [reply] }
}

function ownerOf<Calls, Notices>(
  port: MessagePort,
  calledBack: PendingCalls,
): ThreadOwner<Calls, Notices> {
  let calls = 0
  return {
    call: (kind, args) =>
      new Promise((resolve, reject) => {
        const call = calls++
        port.postMessage({ type: 'call', call, kind, args, bytes: 0 } satisfies CallMessage)
        calledBack.add(call, { kind, bytes: 0, deadline: null, resolve, reject })
      }),
    notify: (kind, value) => port.postMessage({ type: 'notice', kind, value }),
  }
}
