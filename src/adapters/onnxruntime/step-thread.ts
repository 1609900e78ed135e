import { workerData } from 'node:worker_threads'
import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { ArgsOf, Handlers } from '../../threads/call-table.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'
import { openOnOneThread, openWithProvider, type Provider } from './open-with-provider.ts'

/** float32 or int64, row-major. */
export interface TrainingTensor {
  readonly dims: readonly number[]
  readonly values: Float32Array | BigInt64Array
}

/** `workerData` of the training thread. */
export interface TrainingStart {
  /** Training steps. */
  readonly graph: {
    /** The ONNX file; inputs but the state have a first axis, a slice for each step. */
    readonly bytes: Uint8Array
    /** The tensors that steps hand on: the output `next` becomes the input `name`. */
    readonly state: readonly {
      readonly name: string
      readonly next: string
      readonly dims: readonly number[]
      readonly initial: Float32Array
    }[]
    /** Outputs of one number a step. */
    readonly reports: readonly string[]
  }
  /**
   * Features [batch, width] in, the first output [batch, d] out; its other inputs are state. Null
   * where nothing is to be embedded.
   */
  readonly embedding: Uint8Array | null
  readonly provider: Provider
}

type Tensors<Values> = Readonly<Record<string, Values>>

/** Each throws THREAD_FAILED when the thread is gone, or cannot do it. */
export interface StepCalls {
  /**
   * Takes steps. The state is copied once for all of them, so that a few at a time cost less each. Where the graph cannot
   * be run, the state is that before the steps.
   * @param inputs all inputs of the graph but the state, by name; a first axis has a slice for each step.
   * @returns the reports by name, a number for each step. Steps are taken also when they are not finite.
   */
  steps(inputs: Tensors<TrainingTensor>): Record<string, Float32Array>
  /** Copies state tensors by name. */
  read(names: readonly string[]): Record<string, Float32Array>
  /** Replaces state tensors by others of their sizes. */
  write(values: Tensors<Float32Array>): void
  /**
   * Embeds rows of features with the parameters as they are. There must be an embedding graph.
   * @returns `rows` x dimensions numbers.
   */
  embed(args: { readonly features: Float32Array; readonly rows: number }): Float32Array
}

/** The thread of one training: parameters and optimiser state stay here between steps. */
const { graph, embedding, provider } = workerData as TrainingStart
const FEATURES = 'features'

const outputs = [...graph.reports, ...graph.state.map(({ next }) => next)]
let state: Tensors<Tensor> = Object.fromEntries(
  graph.state.map(({ name, initial, dims }) => [name, new Tensor(initial, dims)]),
)

async function steps(
  session: InferenceSession,
  inputs: Tensors<TrainingTensor>,
): Promise<Record<string, Float32Array>> {
  const given = Object.entries(inputs).map(([name, { values, dims }]) => [
    name,
    new Tensor(values, dims),
  ])
  const answer = await session.run({ ...Object.fromEntries(given), ...state }, outputs)
  state = Object.fromEntries(graph.state.map(({ name, next }) => [name, answer[next]!]))
  return Object.fromEntries(graph.reports.map((name) => [name, copyOf(answer[name]!)]))
}

/** Copies the numbers: onnxruntime owns the memory of its outputs, so that it cannot be sent away. */
function copyOf(tensor: Tensor): Float32Array {
  return (tensor.data as Float32Array).slice()
}

function read(names: readonly string[]): Record<string, Float32Array> {
  return Object.fromEntries(names.map((name) => [name, copyOf(known(name))]))
}

function write(values: Tensors<Float32Array>): void {
  const written = Object.entries(values).map(([name, numbers]) => {
    const { size, dims } = known(name)
    if (numbers.length !== size) {
      throw new Error(`expected ${size} numbers for ${name}, got ${numbers.length}`)
    }
    return [name, new Tensor(numbers, dims)]
  })
  state = { ...state, ...Object.fromEntries(written) }
}

function known(name: string): Tensor {
  const tensor = Object.hasOwn(state, name) ? state[name] : undefined
  if (tensor === undefined) {
    throw new Error(`expected a state of ${Object.keys(state).join(', ')}, got ${name}`)
  }
  return tensor
}

async function embed(
  session: InferenceSession | undefined,
  { features, rows }: ArgsOf<StepCalls, 'embed'>,
): Promise<Float32Array> {
  if (session === undefined) throw new Error('expected to be opened with an embedding graph')
  const needed = session.inputNames.filter((name) => name !== FEATURES)
  const vectors = await session.run({
    [FEATURES]: new Tensor(features, [rows, features.length / rows]),
    ...Object.fromEntries(needed.map((name) => [name, known(name)])),
  })
  return copyOf(Object.values(vectors)[0]!)
}

await serveThread(async () => {
  const subject = { name: 'training', graph: 'the graph', invalid: 'ONNX_INVALID' } as const
  const { session: stepping } = await openWithProvider(provider, subject, (provider) =>
    openOnOneThread(graph.bytes, provider),
  )
  const embedder = embedding === null ? undefined : await openOnOneThread(embedding, provider)
  return {
    calls: {
      steps: (inputs) => steps(stepping, inputs),
      read,
      write,
      embed: (args) => embed(embedder, args),
    } satisfies Handlers<StepCalls>,
    transfer: ownBuffers,
    async end() {
      await embedder?.release()
      await stepping.release()
    },
  }
})
