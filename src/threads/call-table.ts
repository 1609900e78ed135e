import type { SentError } from './thread-error.ts'

/** The calls that one side answers, by name. */
export type CallTable = { [kind: string]: { args: unknown; result: unknown } }

/** The messages without an answer that one side understands, and what each carries. */
export type NoticeTable = { [kind: string]: unknown }

/** The functions that answer the calls of a table. An error that one throws goes to the caller. */
export type Handlers<Calls extends CallTable> = {
  [Kind in keyof Calls]: (
    args: Calls[Kind]['args'],
  ) => Calls[Kind]['result'] | Promise<Calls[Kind]['result']>
}

/** The functions that take the notices of a table. */
export type Listeners<Notices extends NoticeTable> = {
  [Kind in keyof Notices]: (value: Notices[Kind]) => void
}

/** A table without an entry. */
export type Nothing = Record<never, never>

/** The number of the reply that says whether a thread has started. */
export const START = -1

export interface CallMessage<Calls extends CallTable, Kind extends keyof Calls = keyof Calls> {
  readonly type: 'call'
  readonly call: number
  readonly kind: Kind
  readonly args: Calls[Kind]['args']
  /** About the size of the payload, by which queues and batches are bounded. */
  readonly bytes: number
}

export interface NoticeMessage {
  readonly type: 'notice'
  readonly kind: string
  readonly value: unknown
}

export type Reply =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: SentError }

/** Replies settle their calls in this order, within one turn. */
export interface RepliesMessage {
  readonly type: 'replies'
  readonly replies: readonly Reply[]
}

export type ToThread<Calls extends CallTable> =
  | CallMessage<Calls>
  | NoticeMessage
  | RepliesMessage
  /** Asks the thread to end by itself. */
  | { readonly type: 'end' }

export type FromThread = RepliesMessage | NoticeMessage | CallMessage<CallTable>
