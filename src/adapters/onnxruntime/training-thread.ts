import { workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import type { ArgsOf, Handlers } from '../../threads/call-table.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'
import { openWithProvider } from './open-with-provider.ts'
import type { Provider } from './session-calls.ts'
import type {
  TrainingCalls,
  TrainingReady,
  TrainingStart,
  TrainingTensor,
} from './training-calls.ts'

/** The thread of one training: parameters and optimiser state stay here between steps. */
const start = workerData as TrainingStart

env.logLevel = 'fatal'

const FEATURES = 'features'

const outputs = [...start.reports, ...start.state.map(({ next }) => next)]
let state: Record<string, Tensor> = Object.fromEntries(
  start.state.map(({ name, initial, dims }) => [name, new Tensor('float32', initial, dims)]),
)

async function steps(
  session: InferenceSession,
  inputs: ArgsOf<TrainingCalls, 'steps'>,
): Promise<Record<string, Float32Array>> {
  const given = Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)])
  const answer = await session.run({ ...Object.fromEntries(given), ...state }, outputs)
  state = Object.fromEntries(start.state.map(({ name, next }) => [name, answer[next]!]))
  return copies(start.reports, answer)
}

/** Copies: onnxruntime owns the memory of its outputs, so that it cannot be sent away. */
function copies(
  names: readonly string[],
  tensors: Readonly<Record<string, Tensor>>,
): Record<string, Float32Array> {
  const values = names.map((name) => [name, (tensors[name]!.data as Float32Array).slice()])
  return Object.fromEntries(values)
}

function tensorOf({ dims, values }: TrainingTensor): Tensor {
  return values instanceof BigInt64Array
    ? new Tensor('int64', values, dims)
    : new Tensor('float32', values, dims)
}

function read(names: readonly string[]): Record<string, Float32Array> {
  return copies(names, Object.fromEntries(names.map((name) => [name, known(name)])))
}

function write(values: ArgsOf<TrainingCalls, 'write'>): void {
  const written = Object.entries(values).map(([name, numbers]) => {
    const { size, dims } = known(name)
    if (numbers.length !== size) {
      throw new Error(`expected ${size} numbers for ${name}, got ${numbers.length}`)
    }
    return [name, new Tensor('float32', numbers, dims)]
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
  session: InferenceSession | null,
  { features, rows }: ArgsOf<TrainingCalls, 'embed'>,
): Promise<Float32Array> {
  if (session === null) throw new Error('expected to be opened with an embedding graph')
  const needed = session.inputNames.filter((name) => name !== FEATURES)
  const vectors = await session.run({
    [FEATURES]: new Tensor('float32', features, [rows, features.length / rows]),
    ...Object.fromEntries(needed.map((name) => [name, known(name)])),
  })
  const [first] = Object.values(vectors)
  return (first!.data as Float32Array).slice()
}

/** The order of sums is fixed by one thread, so that two runs agree bit by bit. */
function openSession(bytes: Uint8Array, provider: Provider): Promise<InferenceSession> {
  return InferenceSession.create(bytes, {
    executionProviders: [provider],
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  })
}

await serveThread(async () => {
  const subject = { name: 'training', graph: 'the graph', invalid: 'ONNX_INVALID' } as const
  const opened = await openWithProvider(start.provider, subject, (provider) =>
    openSession(start.graph, provider),
  )
  const { session: stepping, provider } = opened
  const embedding =
    start.embedding === null ? null : await openSession(start.embedding, provider.name)
  return {
    ready: { provider } satisfies TrainingReady,
    calls: {
      steps: (inputs) => steps(stepping, inputs),
      read,
      write,
      embed: (args) => embed(embedding, args),
    } satisfies Handlers<TrainingCalls>,
    transfer: ownBuffers,
    async end() {
      await embedding?.release()
      await stepping.release()
    },
  }
})
