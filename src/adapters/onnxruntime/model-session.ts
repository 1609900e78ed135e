import { AppError } from '../../errors.ts'
import { AnsweringThread } from './answering-thread.ts'
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

type SessionThread = AnsweringThread<ToSession, FromSession>

/** A model in its own thread. One batch at a time. */
export class ModelSession {
  readonly provider: { readonly name: Provider; readonly fallbackReason: string | null }
  /** Images of one batch, as many as are worth waiting for. */
  readonly maxBatch: number
  readonly #thread: SessionThread

  private constructor(thread: SessionThread, provider: ModelSession['provider'], maxBatch: number) {
    this.#thread = thread
    this.provider = provider
    this.maxBatch = maxBatch
  }

  get isSilent(): boolean {
    return this.#thread.isSilent
  }

  /**
   * Starts the thread, and waits until the model has run once in it.
   * @throws PROVIDER_UNAVAILABLE, MODEL_INVALID, THREAD_FAILED.
   */
  static async open(options: ModelSessionOptions): Promise<ModelSession> {
    const { model, start } = options
    const thread: SessionThread = new AnsweringThread({
      name: `model ${model}`,
      script: options.thread ?? new URL('./session-thread.js', import.meta.url),
      start,
      transfer: [start.model.buffer],
      startTimeoutMs: options.startTimeoutMs,
      answerTimeoutMs: options.runTimeoutMs,
    })
    try {
      const message = await thread.firstAnswer
      if (message.kind === 'ready') {
        const { provider, fallbackReason, maxBatch } = message
        return new ModelSession(thread, { name: provider, fallbackReason }, maxBatch)
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
