import type { Transferable } from 'node:worker_threads'
import type { AppError } from '../errors.ts'
import {
  type AnyTable,
  type ArgsOf,
  type FromThread,
  type NoticeMessage,
  type ResultOf,
  START,
  type ToThread,
} from './call-table.ts'
import { type Deadline, PendingCalls } from './pending-calls.ts'
import { StopFlags } from './stop-flags.ts'
import { receivedError } from './thread-error.ts'
import { answerCall } from './thread-host.ts'
import {
  defaultErrors,
  type ThreadDeath,
  type ThreadErrors,
  type ThreadOptions,
} from './thread-options.ts'
import { inTime, WorkerRun } from './worker-run.ts'

interface CallOptions<Wire, Result> {
  /** About the size of the payload. */
  readonly bytes?: number
  readonly transfer?: readonly Transferable[]
  /**
   * Stops the call when it aborts: the thread ends it at the end of its slice, and only then the call rejects, with the
   * reason. A call that looks at no `StopSign` ends as ever.
   */
  readonly signal?: AbortSignal | undefined
  /** Makes the result from what crossed the threads, without a step between one reply and the next. */
  readonly read?: (wire: Wire) => Result
}

/** The milliseconds after which nobody waits for a terminated worker any more. */
const EXIT_WITHIN_MS = 5000

/** The calling side of a worker thread. Replies settle their calls in the order in which the thread gave them. */
export class ThreadClient<Calls, Notices = unknown> {
  readonly #options: ThreadOptions
  readonly #errors: ThreadErrors
  readonly #pending: PendingCalls
  /** The run that takes calls. */
  #run: WorkerRun | null = null
  #calls = 0
  #flags: StopFlags | null = null
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
    if (options.start !== 'on demand') this.#start()
  }

  get pending(): number {
    return this.#pending.size
  }

  /** Gives the number of calls of some kinds that have no reply yet. */
  pendingOf(kinds: ReadonlySet<keyof Calls & string>): number {
    return this.#pending.sizeOf(kinds)
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
   * @throws, with the thread closed, the error that the start threw, or that of its death: it is given up after `withinMs`.
   */
  async ready<Ready>(withinMs: number): Promise<Ready> {
    const deadline = this.#deadline(withinMs, `did not open within ${withinMs / 1000} s`)
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.add(START, { kind: 'start', bytes: 0, deadline, resolve, reject })
      })
    } catch (error) {
      await this.close()
      throw error
    }
  }

  call<Kind extends keyof Calls & string, Result = ResultOf<Calls, Kind>>(
    kind: Kind,
    args: ArgsOf<Calls, Kind>,
    { bytes = 0, transfer = [], read, signal }: CallOptions<ResultOf<Calls, Kind>, Result> = {},
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      signal?.throwIfAborted()
      this.#admit(bytes)
      const run = this.#run ?? this.#start()
      const { worker } = run
      const call = this.#calls++
      const message = { type: 'call', call, kind, args, bytes } as const
      const stop = signal && this.#follow(run, signal)
      try {
        const sent: ToThread = stop === undefined ? message : { ...message, flag: stop.flag }
        worker.postMessage(sent, transfer)
      } catch (error) {
        stop?.release()
        throw error
      }
      const { answerWithinMs: ms } = this.#options
      this.#pending.add(call, {
        kind,
        bytes,
        deadline:
          ms === undefined
            ? null
            : this.#deadline(ms, `gave no answer in ${ms} ms and was given up`),
        stop,
        resolve: read ? (wire: ResultOf<Calls, Kind>) => resolve(read(wire)) : resolve,
        reject,
      })
      if (this.#options.idle === 'lets process end') worker.ref()
    })
  }

  notify<Kind extends keyof Notices & string>(kind: Kind, value: ArgsOf<Notices, Kind>): void {
    this.send({ type: 'notice', kind, value })
  }

  /** Sends a notice to the worker that runs. One that starts later gets those of `firstNotices`. */
  send(notice: NoticeMessage): void {
    this.#run?.worker.postMessage(notice)
  }

  /**
   * Notifies the thread of a fact that later calls rest on, unless it has the same from before. So the fact does not
   * travel with each call, and the thread can keep what it has made of it.
   */
  provide<Kind extends keyof Notices & string>(kind: Kind, value: ArgsOf<Notices, Kind>): void {
    if (this.#refusal !== null) return
    const run = this.#run ?? this.#start()
    if (run.learns(kind, value)) this.notify(kind, value)
  }

  /** Refuses later calls as after `close`; those that wait are answered. */
  refuse(): void {
    this.#refusal ??= this.#errors.closed()
  }

  /** Ends the thread as its options have it. It never rejects, but see `death`. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #follow(run: WorkerRun, signal: AbortSignal) {
    this.#flags ??= new StopFlags()
    run.giveFlags(this.#flags.words)
    const followed = this.#flags.follow(signal)
    return followed === null ? undefined : { ...followed, signal }
  }

  #deadline(withinMs: number, reason: string): Deadline {
    const timer = setTimeout(() => this.#giveUp(reason), withinMs)
    return { timer, overdueAt: performance.now() + withinMs / 2 }
  }

  #admit(bytes: number): void {
    if (this.#refusal !== null) throw this.#refusal
    const { maxCalls = Infinity, maxBytes = Infinity } = this.#options
    const { size } = this.#pending
    if (size >= maxCalls) throw this.#errors.full('calls', maxCalls, size + 1)
    const all = this.#pending.bytes + bytes
    if (size > 0 && all > maxBytes) throw this.#errors.full('bytes', maxBytes, all)
  }

  #start(): WorkerRun {
    const run = new WorkerRun(
      this.#options,
      (message) => this.#receive(run, message),
      (exitCode) => this.#exited(run, exitCode),
    )
    this.#run = run
    return run
  }

  #receive(run: WorkerRun, message: FromThread): void {
    const { calls = {}, notices = {} } = this.#options as { calls?: AnyTable; notices?: AnyTable }
    if (message.type === 'notice') notices[message.kind]?.(message.value)
    else if (message.type === 'call') {
      void answerCall((replies) => run.worker.postMessage(replies), calls, message)
    } else {
      const [first] = message.replies
      const isFailedStart = first?.call === START && 'error' in first
      if (isFailedStart && !this.#pending.has(START)) run.cause = receivedError(first.error)
      this.#pending.settle(message.replies)
    }
  }

  #exited({ cause }: WorkerRun, exitCode: number): void {
    this.#run = null
    if (this.#isEnding && cause === undefined) this.#pending.rejectAll(this.#errors.closed())
    else if (cause !== undefined) this.#die({ reason: `failed: ${cause.message}`, cause })
    else this.#die({ reason: `ended with exit code ${exitCode}`, exitCode })
  }

  #giveUp(reason: string): void {
    const run = this.#run
    if (run === null) return
    this.#run = null
    this.#givenUp++
    void run.exited.then(() => this.#givenUp--)
    run.giveUp(this.#owed)
    this.#die({ reason })
  }

  /** The number of replies without which the worker must not be terminated. */
  get #owed(): number {
    return this.#options.end?.late === 'leave behind' ? this.#pending.size : 0
  }

  #die(death: ThreadDeath): void {
    const error = this.#errors.died(death)
    const { start, onDeath } = this.#options
    if (start === 'once') {
      this.#death = error
      this.#refusal = error
      onDeath?.(error)
    }
    this.#pending.rejectAll(error)
    if (this.#refusal === null && start === 'always') this.#start()
  }

  async #close(): Promise<void> {
    this.refuse()
    const { end } = this.#options
    const run = this.#run
    if (run === null) return
    if (end === undefined) {
      this.#isEnding = true
      await run.worker.terminate()
    } else if (!(await inTime(this.#askToEnd(run, end.after === 'all calls'), end.withinMs))) {
      const isLeftBehind = this.#owed > 0
      this.#giveUp(`did not close within ${end.withinMs / 1000} s`)
      if (!isLeftBehind) await inTime(run.exited, EXIT_WITHIN_MS)
    }
  }

  async #askToEnd(run: WorkerRun, finishesCalls: boolean): Promise<void> {
    if (finishesCalls && this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    if (run !== this.#run) return
    this.#isEnding = true
    run.worker.postMessage({ type: 'end' } satisfies ToThread)
    await run.exited
  }

  #idle(): void {
    if (this.#options.idle === 'lets process end') this.#run?.worker.unref()
    this.#whenIdle?.()
  }
}
