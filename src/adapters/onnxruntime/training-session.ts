import { AppError } from '../../errors.ts'
import { AnsweringThread } from './answering-thread.ts'
import type { Provider } from './session-messages.ts'
import type {
  FromTraining,
  ToTraining,
  TrainingStart,
  TrainingState,
  TrainingTensor,
} from './training-messages.ts'

export interface TrainingSessionOptions {
  /** Training steps: the ONNX file, what they hand on, and the numbers that each reports. */
  readonly graph: {
    readonly bytes: Uint8Array
    readonly state: readonly TrainingState[]
    readonly reports: readonly string[]
  }
  /** Features in, vectors out, on the parameters as they are; for `embed`. */
  readonly embedding?: Uint8Array
  /** `auto`: cuda where it starts, else cpu. Only the cpu gives the same bits in every run. */
  readonly provider?: Provider | 'auto'
  /** Milliseconds until the session is open, and of one answer; then its thread is given up. */
  readonly startTimeoutMs?: number
  readonly stepTimeoutMs?: number
  /** The thread's script, for tests. */
  readonly thread?: URL
}

const ONE_MINUTE_MS = 60_000

/** A training in its own thread, with its parameters. One call at a time. */
export class TrainingSession {
  readonly provider: { readonly name: Provider; readonly fallbackReason: string | null }
  readonly #thread: AnsweringThread<ToTraining, FromTraining>

  private constructor(
    thread: AnsweringThread<ToTraining, FromTraining>,
    provider: TrainingSession['provider'],
  ) {
    this.#thread = thread
    this.provider = provider
  }

  /** @throws PROVIDER_UNAVAILABLE, ONNX_INVALID (onnxruntime refuses the graph), THREAD_FAILED. */
  static async open(options: TrainingSessionOptions): Promise<TrainingSession> {
    const { graph, provider = 'cpu' } = options
    const { bytes, state, reports } = graph
    const embedding = options.embedding ?? null
    const start: TrainingStart = { graph: bytes, state, reports, embedding, provider }
    const thread = new AnsweringThread<ToTraining, FromTraining>({
      name: 'training',
      script: options.thread ?? new URL('./training-thread.js', import.meta.url),
      start,
      transfer: [],
      startTimeoutMs: options.startTimeoutMs ?? ONE_MINUTE_MS,
      answerTimeoutMs: options.stepTimeoutMs ?? ONE_MINUTE_MS,
    })
    try {
      const message = await thread.firstAnswer
      if (message.kind === 'ready') {
        const { provider: name, fallbackReason } = message
        return new TrainingSession(thread, { name, fallbackReason })
      }
      const reason = message.kind === 'refused' ? message.reason : message.kind
      throw message.kind === 'refused' && message.fault === 'provider'
        ? new AppError(
            'PROVIDER_UNAVAILABLE',
            `training: the provider ${provider} was asked for and cannot start: ${reason}`,
          )
        : new AppError('ONNX_INVALID', `training: onnxruntime cannot run the graph: ${reason}`)
    } catch (error) {
      await thread.stop()
      throw error
    }
  }

  /**
   * Takes steps. The state is copied once for all of them, so that a few at a time cost less each.
   * @param inputs all inputs of the graph but the state, by name; a first axis has a slice for each step.
   * @returns the reports by name, a number for each step. Steps are taken also when they are not finite.
   * @throws THREAD_FAILED when the thread is gone or cannot run the graph; the state then is that
   * before the steps.
   */
  async steps(
    inputs: Readonly<Record<string, TrainingTensor>>,
  ): Promise<Record<string, Float32Array>> {
    return (await this.#ask({ kind: 'steps', inputs }, 'stepped')).reports
  }

  /** Copies of state tensors by name. @throws THREAD_FAILED, also for a name that there is not. */
  async read(names: readonly string[]): Promise<Record<string, Float32Array>> {
    return (await this.#ask({ kind: 'read', names }, 'read')).values
  }

  /** Replaces state tensors. @throws THREAD_FAILED, also for an unknown name or another size. */
  async write(values: Readonly<Record<string, Float32Array>>): Promise<void> {
    await this.#ask({ kind: 'write', values }, 'written')
  }

  /**
   * Embeds rows of features with the parameters as they are.
   * @returns `rows` x dimensions numbers.
   * @throws THREAD_FAILED, also without an embedding graph.
   */
  async embed(features: Float32Array, rows: number): Promise<Float32Array> {
    return (await this.#ask({ kind: 'embed', features, rows }, 'embedded')).vectors
  }

  /** Ends the thread; call it when no step runs. */
  async close(): Promise<void> {
    await this.#thread.close()
  }

  async #ask<Kind extends FromTraining['kind']>(
    question: ToTraining,
    kind: Kind,
  ): Promise<Extract<FromTraining, { kind: Kind }>> {
    const answer = await this.#thread.ask(question)
    if (answer.kind === kind) return answer as Extract<FromTraining, { kind: Kind }>
    const reason = answer.kind === 'failed' ? answer.reason : `an answer ${answer.kind}`
    throw new AppError('THREAD_FAILED', `training: a ${question.kind} failed: ${reason}`)
  }
}
