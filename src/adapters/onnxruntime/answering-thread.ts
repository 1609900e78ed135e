import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'

const CLOSE_TIMEOUT_MS = 5000

interface Pending<Answer> {
  resolve(message: Answer): void
  reject(error: Error): void
}

export interface AnsweringThreadOptions {
  /** In messages. */
  readonly name: string
  readonly script: URL
  /** `workerData`. */
  readonly start: unknown
  /** Buffers of `start` that go to the thread. */
  readonly transfer: readonly ArrayBuffer[]
  readonly startTimeoutMs: number
  readonly answerTimeoutMs: number
}

/**
 * A worker thread that says one message when it has started, then answers one question at a time, in bounded time, or
 * is given up. A question of kind `close` has no answer: the thread ends.
 *
 * A thread that owes an answer is not terminated: onnxruntime's binding aborts the whole process when the call that
 * it is in comes back to an environment that is gone (onnxruntime-node 1.30, `Napi::Error`). It is left behind, and
 * ended as soon as the call does.
 */
export class AnsweringThread<Question extends { readonly kind: string }, Answer> {
  readonly firstAnswer: Promise<Answer>
  readonly #worker: Worker
  readonly #name: string
  readonly #answerTimeoutMs: number
  readonly #exited: Promise<void>
  #pending: Pending<Answer> | null = null
  #death: AppError | null = null
  #overdue = false
  #owesAnswer = true
  #hasExited = false

  constructor(options: AnsweringThreadOptions) {
    this.#name = options.name
    this.#answerTimeoutMs = options.answerTimeoutMs
    this.#worker = new Worker(options.script, {
      workerData: options.start,
      transferList: [...options.transfer],
    })
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#hasExited = true
        this.#die(`its thread ended with exit code ${code}`)
        resolve()
      })
    })
    this.#worker.on('error', (error) => this.#die(`its thread failed: ${error.message}`, error))
    this.#worker.on('message', (message: Answer) => this.#answered(message))
    this.firstAnswer = this.#answer(options.startTimeoutMs)
  }

  /** Whether half of the time for an answer is over, or the thread was given up and still runs. */
  get isSilent(): boolean {
    return this.#overdue || (this.#death !== null && !this.#hasExited)
  }

  ask(question: Question, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (this.#death !== null) return Promise.reject(this.#death)
    const answer = this.#answer(this.#answerTimeoutMs)
    this.#owesAnswer = true
    this.#worker.postMessage(question, [...transfer])
    return answer
  }

  /** Lets the thread release what it holds; a thread that does not end by itself is given up. */
  async close(): Promise<void> {
    if (this.#death === null) this.#worker.postMessage({ kind: 'close' })
    if (!(await this.#exitsInTime())) await this.stop()
  }

  async stop(): Promise<void> {
    this.#giveUp('its thread was stopped')
    await this.#exitsInTime()
  }

  #giveUp(reason: string): void {
    if (this.#hasExited) return
    this.#die(reason)
    if (this.#owesAnswer) this.#worker.unref()
    else void this.#worker.terminate()
  }

  #answered(message: Answer): void {
    this.#owesAnswer = false
    if (this.#death === null) this.#pending?.resolve(message)
    else void this.#worker.terminate()
  }

  /** Not for ever, and not at all for a thread that was left behind. */
  async #exitsInTime(): Promise<boolean> {
    if (this.#death !== null && this.#owesAnswer && !this.#hasExited) return false
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS, false)
    })
    const inTime = await Promise.race([this.#exited.then(() => true), late])
    clearTimeout(timer)
    return inTime
  }

  #answer(timeoutMs: number): Promise<Answer> {
    if (this.#pending !== null) throw new Error('expected one question at a time, got a second')
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#giveUp(`its thread gave no answer in ${timeoutMs} ms and was given up`)
      }, timeoutMs)
      const overdue = setTimeout(() => {
        this.#overdue = true
      }, timeoutMs / 2)
      const done = () => {
        clearTimeout(timer)
        clearTimeout(overdue)
        this.#overdue = false
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
    this.#death ??= new AppError('THREAD_FAILED', `${this.#name}: ${reason}`, { cause })
    this.#pending?.reject(this.#death)
  }
}
