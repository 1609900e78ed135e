// Compares the CPU time of one training step with that of PyTorch, on one thread each.
// usage: [LOOKALIKE_BENCH_PYTHON=python with torch] node dist/bench/training.js
import { execFileSync } from 'node:child_process'
import { openTrainingSession } from '../src/adapters/onnxruntime/training-session.ts'
import { buildEmbeddingGraph } from '../src/learning/graph/head.ts'
import { stackSteps, stepTensors } from '../src/learning/graph/step-tensors.ts'
import { buildTrainingGraph } from '../src/learning/graph/training-graph.ts'
import { gaussian, seededRandom } from '../src/vector/random.ts'
import { circumstances, writeReport } from './support/report.ts'

/** The steps that are handed over at once: as many as a training does between two looks at the validation classes. */
const TOGETHER = 20
const [WARM_UP, STEPS, ROUNDS] = [20, 100, 5]
const shape = {
  head: { kind: 'mlp', hidden: 512 },
  inputDimensions: 1280,
  dimensions: 128,
} as const
/** The default of PyTorch. */
const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const
const random = seededRandom(1)
const graph = buildTrainingGraph({
  ...shape,
  objective: { kind: 'multi-similarity' },
  optimiser: ADAM,
  batch: { classes: 16, perClass: 8 },
  classes: 16,
  seed: 1,
})
const features = Float32Array.from({ length: 128 * 1280 }, () => gaussian(random) / Math.sqrt(1280))
const labels = Array.from({ length: 128 }, (_, i) => Math.floor(i / 8))

async function ours(): Promise<number> {
  const session = await openTrainingSession({
    graph,
    embedding: buildEmbeddingGraph(shape, null),
  })
  try {
    const take = async (count: number) => {
      for (let taken = 0; taken < count; taken += TOGETHER) {
        const steps = Array.from({ length: TOGETHER }, () =>
          stepTensors(graph, { features, labels, learningRate: 1e-3 }, random),
        )
        await session.steps(stackSteps(steps))
      }
    }
    await take(WARM_UP)
    const before = process.cpuUsage()
    await take(STEPS)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / STEPS
  } finally {
    await session.close()
  }
}

function torch(python: string, adam: 'default' | 'fused'): { version: string; ms: number } {
  const args = ['bench/support/training.py', adam, String(STEPS)]
  return JSON.parse(execFileSync(python, args, { encoding: 'utf8' }))
}

const python = process.env.LOOKALIKE_BENCH_PYTHON
const best: Record<string, number> = {}
const keep = (name: string, ms: number) => {
  best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, ms)
}
for (let round = 0; round < ROUNDS; round++) {
  keep('ours', await ours())
  if (python === undefined) continue
  for (const adam of ['default', 'fused'] as const) {
    const { version, ms } = torch(python, adam)
    keep(`PyTorch ${version}, ${adam} Adam`, ms)
  }
}
const own = best.ours!
writeReport(
  'training',
  circumstances(
    'made up',
    `1280 -> 512 -> 128, batch 128, Multi-Similarity, Adam, one thread, ${STEPS} steps, ${TOGETHER} at a time, best of ${ROUNDS} rounds`,
  ),
  [
    {
      title: 'CPU time of one step, with handing it over between threads',
      columns: ['', 'ms', 'ours by it'],
      rows: Object.entries(best).map(([name, ms]) => [name, ms, own / ms]),
    },
  ],
)
