import { parentPort, workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { openWithProvider, reasonOf } from './open-with-provider.ts'
import type { Provider } from './session-messages.ts'
import type {
  FromTraining,
  ToTraining,
  TrainingStart,
  TrainingTensor,
} from './training-messages.ts'

/**
 * The thread of one training: parameters and optimiser state stay here between steps. Answers
 * `ready` or `refused` once, then each question in order.
 */
const start = workerData as TrainingStart
const port = parentPort
if (port === null) throw new Error('expected to be started as a worker thread')

env.logLevel = 'fatal'

const FEATURES = 'features'

interface Sessions {
  readonly stepping: InferenceSession
  readonly embedding: InferenceSession | null
}

const outputs = [...start.reports, ...start.state.map(({ next }) => next)]
let state: Record<string, Tensor> = Object.fromEntries(
  start.state.map(({ name, initial, dims }) => [name, new Tensor('float32', initial, dims)]),
)

async function steps(
  session: InferenceSession,
  inputs: Readonly<Record<string, TrainingTensor>>,
): Promise<FromTraining> {
  const given = Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)])
  const answer = await session.run({ ...Object.fromEntries(given), ...state }, outputs)
  state = Object.fromEntries(start.state.map(({ name, next }) => [name, answer[next]!]))
  return {
    kind: 'stepped',
    reports: Object.fromEntries(
      start.reports.map((name) => [name, (answer[name]!.data as Float32Array).slice()]),
    ),
  }
}

function tensorOf({ dims, values }: TrainingTensor): Tensor {
  return values instanceof BigInt64Array
    ? new Tensor('int64', values, dims)
    : new Tensor('float32', values, dims)
}

/** Copies: onnxruntime owns the memory of its outputs, so that it cannot be sent away. */
function read(names: readonly string[]): FromTraining {
  const values = names.map((name) => [name, (known(name).data as Float32Array).slice()])
  return { kind: 'read', values: Object.fromEntries(values) }
}

function write(values: Readonly<Record<string, Float32Array>>): FromTraining {
  const written = Object.entries(values).map(([name, numbers]) => {
    const { size, dims } = known(name)
    if (numbers.length !== size) {
      throw new Error(`expected ${size} numbers for ${name}, got ${numbers.length}`)
    }
    return [name, new Tensor('float32', numbers, dims)]
  })
  state = { ...state, ...Object.fromEntries(written) }
  return { kind: 'written' }
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
  features: Float32Array,
  rows: number,
): Promise<FromTraining> {
  if (session === null) throw new Error('expected to be opened with an embedding graph')
  const needed = session.inputNames.filter((name) => name !== FEATURES)
  const vectors = await session.run({
    [FEATURES]: new Tensor('float32', features, [rows, features.length / rows]),
    ...Object.fromEntries(needed.map((name) => [name, known(name)])),
  })
  const [first] = Object.values(vectors)
  return { kind: 'embedded', vectors: (first!.data as Float32Array).slice() }
}

async function answer(
  { stepping, embedding }: Sessions,
  message: Exclude<ToTraining, { kind: 'close' }>,
): Promise<FromTraining> {
  switch (message.kind) {
    case 'steps':
      return await steps(stepping, message.inputs)
    case 'read':
      return read(message.names)
    case 'write':
      return write(message.values)
    case 'embed':
      return await embed(embedding, message.features, message.rows)
  }
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

async function serve(): Promise<void> {
  const opened = await openWithProvider(start.provider, (provider) =>
    openSession(start.graph, provider),
  )
  if (opened.kind === 'refused') {
    port!.postMessage(opened satisfies FromTraining)
    port!.close()
    return
  }
  const { session: stepping, provider, fallbackReason } = opened
  const embedding = start.embedding === null ? null : await openSession(start.embedding, provider)
  port!.on('message', async (message: ToTraining) => {
    if (message.kind === 'close') {
      await embedding?.release()
      await stepping.release()
      port!.close()
      return
    }
    const said = await answer({ stepping, embedding }, message).catch(
      (error): FromTraining => ({ kind: 'failed', reason: reasonOf(error) }),
    )
    port!.postMessage(said)
  })
  port!.postMessage({ kind: 'ready', provider, fallbackReason } satisfies FromTraining)
}

await serve()
