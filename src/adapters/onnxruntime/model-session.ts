import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import type { FromSession, Provider, SessionStart, ToSession } from './session-messages.ts'

export interface ModelSessionOptions {
  readonly start: SessionStart
  /** Names the model in messages. */
  readonly model: string
  /** Of the first answer: TensorRT builds an engine for minutes. */
  readonly startTimeoutMs: number
  readonly runTimeoutMs: number
  /** The thread's script; a test may give one that dies. */
  readonly thread?: URL
}

interface Pending {
  resolve(message: FromSession): void
  reject(error: Error): void
}

/** A model in its own thread. One batch at a time. */
export class ModelSession {
  readonly provider: { readonly name: Provider; readonly fallbackReason: string | null }
  readonly #thread: SessionThread

  private constructor(thread: SessionThread, provider: ModelSession['provider']) {
    this.#thread = thread
    this.provider = provider
  }

  /**
   * Starts the thread, and waits until the model has run once in it.
   * @throws PROVIDER_UNAVAILABLE, MODEL_INVALID, THREAD_FAILED.
   */
  static async open(options: ModelSessionOptions): Promise<ModelSession> {
    const { model, start } = options
    const thread = new SessionThread(options)
    try {
      const message = await thread.firstAnswer
      if (message.kind === 'ready') {
        const { provider, fallbackReason } = message
        return new ModelSession(thread, { name: provider, fallbackReason })
      }
      const reason = message.kind === 'refused' ? message.reason : message.kind
      throw message.kind === 'refused' && message.fault === 'provider'
        ? new AppError(
            'PROVIDER_UNAVAILABLE',
            `model ${model}: the provider ${start.provider} was asked for and cannot start: ${reason}`,
          )
        : new AppError('MODEL_INVALID', `model ${model}: onnxruntime cannot run it: ${reason}`)
    } catch (error) {
      await thread.stop()
      throw error
    }
  }

  /**
   * @param pixels of `batch` images, with a buffer of their own that goes to the thread.
   * @returns `batch` x dimensions numbers.
   * @throws THREAD_FAILED when the thread is gone or cannot answer.
   */
  async run(batch: number, pixels: Uint8Array<ArrayBuffer>): Promise<Float32Array> {
    const message = await this.#thread.ask({ kind: 'run', batch, pixels }, [pixels.buffer])
    if (message.kind === 'vectors') return message.vectors
    const reason = message.kind === 'failed' ? message.reason : `an answer ${message.kind}`
    throw new AppError('THREAD_FAILED', `onnxruntime failed on a batch of ${batch}: ${reason}`)
  }

  /** Ends the thread; call it when no batch runs. */
  async close(): Promise<void> {
    await this.#thread.close()
  }
}

const CLOSE_TIMEOUT_MS = 5000

/** A worker thread that answers one question at a time, in bounded time, or is dead. */
class SessionThread {
  readonly firstAnswer: Promise<FromSession>
  readonly #worker: Worker
  readonly #model: string
  readonly #runTimeoutMs: number
  readonly #exited: Promise<void>
  #pending: Pending | null = null
  #death: AppError | null = null

  constructor({ start, model, startTimeoutMs, runTimeoutMs, thread }: ModelSessionOptions) {
    this.#model = model
    this.#runTimeoutMs = runTimeoutMs
    const url = thread ?? new URL('./session-thread.js', import.meta.url)
    this.#worker = new Worker(url, { workerData: start, transferList: [start.model.buffer] })
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#die(`its thread ended with exit code ${code}`)
        resolve()
      })
    })
    this.#worker.on('error', (error) => this.#die(`its thread failed: ${error.message}`, error))
    this.#worker.on('message', (message: FromSession) => this.#pending?.resolve(message))
    this.firstAnswer = this.#answer(startTimeoutMs)
  }

  ask(message: ToSession, transfer: ArrayBuffer[]): Promise<FromSession> {
    if (this.#death !== null) return Promise.reject(this.#death)
    const answer = this.#answer(this.#runTimeoutMs)
    this.#worker.postMessage(message, transfer)
    return answer
  }

  /** Lets the session be released; a thread that does not end by itself is ended. */
  async close(): Promise<void> {
    if (this.#death !== null) return
    this.#worker.postMessage({ kind: 'close' } satisfies ToSession)
    if (!(await this.#exitsInTime())) await this.stop()
  }

  async stop(): Promise<void> {
    void this.#worker.terminate()
    await this.#exitsInTime()
  }

  /** Not for ever: a thread that hangs in native code cannot even be ended. */
  async #exitsInTime(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS, false)
    })
    const inTime = await Promise.race([this.#exited.then(() => true), late])
    clearTimeout(timer)
    return inTime
  }

  #answer(timeoutMs: number): Promise<FromSession> {
    if (this.#pending !== null) throw new Error('expected one batch at a time, got a second')
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#die(`its thread gave no answer in ${timeoutMs} ms and was ended`)
        void this.#worker.terminate()
      }, timeoutMs)
      const done = () => {
        clearTimeout(timer)
        this.#pending = null
      }
      this.#pending = {
        resolve(message) {
          done()
          resolve(message)
        },
        reject(error) {
          done()
          reject(error)
        },
      }
    })
  }

  #die(reason: string, cause?: unknown): void {
    this.#death ??= new AppError('THREAD_FAILED', `model ${this.#model}: ${reason}`, { cause })
    this.#pending?.reject(this.#death)
  }
}
