import type { Provider } from './open-with-provider.ts'
import { openSessionThread, type SessionOptions } from './session-client.ts'
import type { StepCalls, TrainingStart, TrainingTensor } from './step-thread.ts'

export interface TrainingSessionOptions extends SessionOptions {
  readonly graph: TrainingStart['graph']
  /** Features in, vectors out, on the parameters as they are; for `embed`. */
  readonly embedding?: Uint8Array
  /** The cpu where left out, which alone gives the same bits in every run. */
  readonly provider?: Provider
}

export type TrainingSession = Awaited<ReturnType<typeof openTrainingSession>>

/**
 * Starts a training in its own thread, with its parameters. It takes one call at a time: see StepCalls.
 * @throws PROVIDER_UNAVAILABLE, ONNX_INVALID (onnxruntime refuses the graph), THREAD_FAILED.
 */
export async function openTrainingSession(options: TrainingSessionOptions) {
  const { graph, embedding = null, provider = 'cpu', ...threadOptions } = options
  const { bytes, state, reports } = graph
  const start: TrainingStart = { graph: { bytes, state, reports }, embedding, provider }
  const { thread } = await openSessionThread<StepCalls>({
    name: 'training',
    script: new URL('./step-thread.js', import.meta.url),
    start,
    ...threadOptions,
  })
  return {
    steps: (inputs: Readonly<Record<string, TrainingTensor>>) => thread.call('steps', inputs),
    read: (names: readonly string[]) => thread.call('read', names),
    write: (values: Readonly<Record<string, Float32Array>>) => thread.call('write', values),
    embed: (features: Float32Array, rows: number) => thread.call('embed', { features, rows }),
    /** Ends the thread; call it when no step runs. */
    close: () => thread.close(),
  }
}
