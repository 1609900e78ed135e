import type { Transferable } from 'node:worker_threads'
import type { AppError } from '../errors.ts'
import { answerCall } from './answer-call.ts'
import {
  type CallMessage,
  type CallTable,
  type FromThread,
  type Nothing,
  type NoticeTable,
  START,
} from './call-table.ts'
import { PendingCalls } from './pending-calls.ts'
import {
  defaultErrors,
  type ThreadDeath,
  type ThreadEnd,
  type ThreadErrors,
  type ThreadOptions,
} from './thread-options.ts'
import { inTime, WorkerRun } from './worker-run.ts'

export interface CallOptions<Wire, Result> {
  /** About the size of the payload. */
  readonly bytes?: number
  readonly transfer?: readonly Transferable[]
  /** Makes the result from what crossed the threads, without a step between one reply and the next. */
  readonly read?: (wire: Wire) => Result
}

/** The calling side of a worker thread. Replies settle their calls in the order in which the thread gave them. */
export class ThreadClient<Calls extends CallTable, Notices extends NoticeTable = Nothing> {
  readonly #options: ThreadOptions
  readonly #errors: ThreadErrors
  readonly #pending: PendingCalls
  /** The run that takes calls. */
  #run: WorkerRun | null = null
  #calls = 0
  /** Why no further call is taken. */
  #refusal: AppError | null = null
  #death: AppError | null = null
  #closing: Promise<void> | null = null
  #isEnding = false
  /** Workers that were given up and still run. */
  #givenUp = 0
  #whenIdle: (() => void) | null = null

  constructor(options: ThreadOptions) {
    this.#options = options
    this.#errors = { ...defaultErrors(options.name), ...options.errors }
    this.#pending = new PendingCalls(this.#errors.failed, () => this.#idle())
    if (options.start === 'now') this.#start()
  }

  /** Calls that wait for a reply. */
  get pending(): number {
    return this.#pending.size
  }

  /** The error of a thread that died and is not started again. */
  get death(): AppError | null {
    return this.#death
  }

  /** Whether half of the time for a reply is over, or a thread that was given up still runs. */
  get isSilent(): boolean {
    return this.#givenUp > 0 || this.#pending.isOverdue
  }

  /**
   * Resolves when the thread has started, to the `ready` of its service. Call it in the turn in which the client is made.
   * @throws the error that its start threw, or that of its death; it is given up after `withinMs`.
   */
  ready<Ready>(withinMs: number): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const onLate = () => this.#giveUp(`did not open within ${withinMs / 1000} s`)
      const limit = { withinMs, onLate }
      this.#pending.add(START, { kind: 'start', bytes: 0, resolve, reject, limit })
    })
  }

  call<Kind extends keyof Calls & string, Result = Calls[Kind]['result']>(
    kind: Kind,
    args: Calls[Kind]['args'],
    { bytes = 0, transfer = [], read }: CallOptions<Calls[Kind]['result'], Result> = {},
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#admit(bytes)
      const run = this.#run ?? this.#start()
      const call = this.#calls++
      const message: CallMessage<Calls> = { type: 'call', call, kind, args, bytes }
      run.post(message, transfer)
      this.#pending.add(call, {
        kind,
        bytes,
        resolve:
          read === undefined ? resolve : (wire: Calls[Kind]['result']) => resolve(read(wire)),
        reject,
        limit: this.#limit,
      })
      if (this.#options.idle === 'lets process end') run.keepProcessAlive(true)
    })
  }

  /** Notifies the worker that runs. One that starts later gets those of `firstNotices`. */
  notify<Kind extends keyof Notices & string>(kind: Kind, value: Notices[Kind]): void {
    this.#run?.post({ type: 'notice', kind, value })
  }

  /**
   * Notifies the thread of a fact that later calls rest on, unless it has the same from before. So a fact does not
   * travel with each call, and the thread can keep what it has made of it.
   */
  provide<Kind extends keyof Notices & string>(kind: Kind, value: Notices[Kind]): void {
    if (this.#refusal !== null) return
    const run = this.#run ?? this.#start()
    run.provide(kind, value)
  }

  /** Refuses later calls as after `close`, while those that wait go on. */
  refuse(): void {
    this.#refusal ??= this.#errors.closed()
  }

  /** Ends the thread as its options have it. It never rejects: see `death`. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Ends the thread at once, or leaves it behind where it must not be terminated. */
  async abandon(): Promise<void> {
    this.refuse()
    const run = this.#run
    if (run === null) return
    this.#takeAway(run)
    this.#pending.rejectAll(this.#errors.closed())
    await run.gone()
  }

  get #limit() {
    const { answerWithinMs: withinMs } = this.#options
    if (withinMs === undefined) return undefined
    const onLate = () => this.#giveUp(`gave no answer in ${withinMs} ms and was given up`)
    return { withinMs, onLate }
  }

  #admit(bytes: number): void {
    if (this.#refusal !== null) throw this.#refusal
    const { maxCalls = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } =
      this.#options
    const { size } = this.#pending
    if (size >= maxCalls) throw this.#errors.full('calls', maxCalls, size + 1)
    const all = this.#pending.bytes + bytes
    if (size > 0 && all > maxBytes) throw this.#errors.full('bytes', maxBytes, all)
  }

  #start(): WorkerRun {
    this.#run = new WorkerRun(this.#options, {
      onMessage: (message) => this.#receive(message),
      onExit: (exitCode, cause) => this.#exited(exitCode, cause),
    })
    return this.#run
  }

  #receive(message: FromThread): void {
    const { callbacks } = this.#options
    const run = this.#run
    if (message.type === 'replies') this.#pending.settle(message.replies)
    else if (message.type === 'notice') callbacks?.notices[message.kind]?.(message.value)
    else void answerCall((replies) => run?.post(replies), callbacks?.calls ?? {}, message)
  }

  #exited(exitCode: number, cause: Error | undefined): void {
    this.#run = null
    if (this.#isEnding && cause === undefined) this.#pending.rejectAll(this.#errors.closed())
    else if (cause !== undefined) this.#die(`failed: ${cause.message}`, { cause })
    else this.#die(`ended with exit code ${exitCode}`, { exitCode })
  }

  #giveUp(reason: string): void {
    if (this.#run === null) return
    this.#takeAway(this.#run)
    this.#die(reason)
  }

  #takeAway(run: WorkerRun): void {
    this.#run = null
    this.#givenUp++
    void run.exited.then(() => this.#givenUp--)
    run.giveUp(this.#pending.size, this.#options.end?.late)
  }

  #die(reason: string, how: Omit<ThreadDeath, 'reason'> = {}): void {
    const error = this.#errors.died({ reason, ...how })
    const { afterDeath, start, onDeath } = this.#options
    if (afterDeath === 'refuse') {
      this.#death = error
      this.#refusal = error
      onDeath?.(error)
    }
    this.#pending.rejectAll(error)
    if (this.#refusal === null && start === 'now') this.#start()
  }

  async #close(): Promise<void> {
    this.refuse()
    const run = this.#run
    if (run === null) return
    const { end } = this.#options
    if (end === undefined) {
      this.#isEnding = true
      await run.terminate()
    } else if (!(await inTime(this.#askToEnd(run, end.after), end.withinMs))) {
      this.#giveUp(`did not close within ${end.withinMs / 1000} s`)
      await run.gone()
    }
  }

  async #askToEnd(run: WorkerRun, after: ThreadEnd['after']): Promise<void> {
    if (after === 'all calls' && this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    if (run === this.#run) {
      this.#isEnding = true
      run.post({ type: 'end' })
    }
    await run.exited
  }

  #idle(): void {
    if (this.#options.idle === 'lets process end') this.#run?.keepProcessAlive(false)
    this.#whenIdle?.()
  }
}
