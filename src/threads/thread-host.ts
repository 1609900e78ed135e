import { type MessagePort, parentPort } from 'node:worker_threads'
import { answerCall, repliesOf } from './answer-call.ts'
import {
  type CallTable,
  type Handlers,
  type Listeners,
  type Nothing,
  type NoticeTable,
  START,
  type ToThread,
} from './call-table.ts'
import { PendingCalls } from './pending-calls.ts'
import { sentError } from './thread-error.ts'

/** The work of a thread for its client. */
export interface ThreadService<Calls extends CallTable, Notices extends NoticeTable> {
  readonly calls: Handlers<Calls>
  readonly notices?: Listeners<Notices>
  /** The result of the client's `ready`. */
  readonly ready?: unknown
  /** Gives the memory of a result that goes to the client in the place of a copy. */
  readonly transfer?: (result: Calls[keyof Calls]['result']) => ArrayBuffer[]
  /** Releases what the thread holds, when the client asks it to end. */
  readonly end?: () => void | Promise<void>
}

/** The client, as its thread may call it back. */
export interface ThreadOwner<Calls extends CallTable, Notices extends NoticeTable> {
  call<Kind extends keyof Calls & string>(
    kind: Kind,
    args: Calls[Kind]['args'],
  ): Promise<Calls[Kind]['result']>
  notify<Kind extends keyof Notices & string>(kind: Kind, value: Notices[Kind]): void
}

/**
 * Serves the calls of the client until it ends this thread. An error that `start` throws goes to the client, and the
 * thread ends.
 */
export function serveThread<
  Calls extends CallTable,
  Notices extends NoticeTable = Nothing,
  OwnerCalls extends CallTable = Nothing,
  OwnerNotices extends NoticeTable = Nothing,
>(
  start: (
    owner: ThreadOwner<OwnerCalls, OwnerNotices>,
  ) => ThreadService<Calls, Notices> | Promise<ThreadService<Calls, Notices>>,
): Promise<void> {
  return startThread(async (port) => {
    const calledBack = new PendingCalls((_kind, error) => error)
    const { calls, notices, ready, transfer, end } = await start(ownerOf(port, calledBack))
    const handlers: Handlers<CallTable> = calls
    const post = port.postMessage.bind(port)
    const listeners = (notices ?? {}) as Listeners<NoticeTable>
    return {
      ready,
      receive(message) {
        if (message.type === 'call') void answerCall(post, handlers, message, transfer)
        else if (message.type === 'notice') listeners[message.kind]?.(message.value)
        else if (message.type === 'replies') calledBack.settle(message.replies)
        else void Promise.resolve(end?.()).then(() => port.close())
      },
    }
  })
}

/** Does the same for a thread that reads its messages by itself. */
export async function startThread<Calls extends CallTable>(
  start: (port: MessagePort) => Promise<Started<Calls>> | Started<Calls>,
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

interface Started<Calls extends CallTable> {
  readonly ready?: unknown
  readonly receive: (message: ToThread<Calls>) => void
}

function ownerOf<Calls extends CallTable, Notices extends NoticeTable>(
  port: MessagePort,
  calledBack: PendingCalls,
): ThreadOwner<Calls, Notices> {
  let calls = 0
  return {
    call: (kind, args) =>
      new Promise((resolve, reject) => {
        const call = calls++
        port.postMessage({ type: 'call', call, kind, args, bytes: 0 })
        calledBack.add(call, { kind, bytes: 0, resolve, reject })
      }),
    notify: (kind, value) => port.postMessage({ type: 'notice', kind, value }),
  }
}
