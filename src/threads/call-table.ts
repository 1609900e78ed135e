import type { StopSign } from './stop-flags.ts'
import type { SentError } from './thread-error.ts'

/**
 * A table of calls is an object of functions of one argument or none: those that answer them. Long ones take a `StopSign`
 * as well. A table of notices has the functions that take messages without an answer. Clients know the types of both.
 */
export type ArgsOf<Table, Kind extends keyof Table> = Table[Kind] extends (
  ...args: infer Args
) => unknown
  ? Args extends []
    ? undefined
    : Args[0]
  : never

export type ResultOf<Table, Kind extends keyof Table> = Table[Kind] extends (
  ...args: never
) => infer Result
  ? Awaited<Result>
  : never

/** The functions that answer a table of calls, at once or by a promise. */
export type Handlers<Calls> = {
  [Kind in keyof Calls]: (
    args: ArgsOf<Calls, Kind>,
  ) => ResultOf<Calls, Kind> | Promise<ResultOf<Calls, Kind>>
}

/** A table as seen by the side that answers any message. */
export type AnyTable = Readonly<Record<string, (args: unknown, stop?: StopSign) => unknown>>

/** The number of the reply with which a thread starts, or fails to. */
export const START = -1

export interface CallMessage {
  readonly type: 'call'
  readonly call: number
  readonly kind: string
  readonly args: unknown
  /** About the size of the payload, by which queues and batches are bounded. */
  readonly bytes: number
  /** Its stop flag, where it has one. */
  readonly flag?: number
}

export interface NoticeMessage {
  readonly type: 'notice'
  readonly kind: string
  readonly value: unknown
}

export type Reply =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: SentError }

/** The reply to a call that was stopped. */
export interface StoppedReply {
  readonly call: number
  readonly stopped: true
}

/** Replies settle their calls in this order, within one turn. */
export interface RepliesMessage {
  readonly type: 'replies'
  readonly replies: readonly (Reply | StoppedReply)[]
}

export type FromThread = CallMessage | NoticeMessage | RepliesMessage

/** The stop flags of the calls that come. */
interface FlagsMessage {
  readonly type: 'flags'
  readonly words: Int32Array
}

/** `end` asks the thread to end by itself. */
export type ToThread = FromThread | FlagsMessage | { readonly type: 'end' }
