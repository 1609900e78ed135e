// Compares the time of the planner's choice with that of every plan, over records, selectivity and k, in one run, in
// turns, in this process. Recall is measured and plans are timed in between, as the service does when it is idle.
// usage: node dist/bench/planner.js [RECORDS,RECORDS…]
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { GraphOwner } from '../src/engine/embedded/graph/graph-owner.ts'
import { HnswGraph } from '../src/engine/embedded/graph/hnsw-graph.ts'
import { calibrate } from '../src/engine/embedded/search/calibrate.ts'
import { LiveRecall } from '../src/engine/embedded/search/live-recall.ts'
import { SearchPlanning } from '../src/engine/embedded/search/search-planning.ts'
import { SearchThreads } from '../src/engine/embedded/search/search-threads.ts'
import type { PlanKind } from '../src/index/planner/corrections.ts'
import type { Coefficients } from '../src/index/planner/cost-model.ts'
import { type Choice, Planner, type PlanRequest } from '../src/index/planner/planner.ts'
import type { SearchFacts } from '../src/index/planner/search-facts.ts'
import { SearchLoad } from '../src/index/planner/search-load.ts'
import { RowCoding } from '../src/index/scan/cascade/row-coding.ts'
import { BlockMemory } from '../src/kernels/block-memory.ts'
import { VectorRows } from '../src/kernels/vector-rows.ts'
import { gaussian, seededRandom } from '../src/vector/random.ts'
import {
  GenerationUnderTest,
  type RowsAnswer,
  type RowsQuery,
} from '../test/support/generation-under-test.ts'
import { circumstances, quantile, type Table, writeReport } from './support/report.ts'

const DIMENSIONS = 128
const SHARES = [1, 0.1, 0.01, 0.001]
const DEPTHS = [1, 10, 100]
const ROUNDS = 25
const IDLE_ROUNDS = 6
const TUNING = 240
const GRAPH_FROM = 10_000
const LATENCY_BUDGET_MS = 5
const RECALL_TARGET = 0.95
const WITHIN = 1.5
const sizes = (process.argv[2] ?? '1000,20000,200000').split(',').map(Number)
const random = seededRandom(1)
const clock = () => performance.now()

/** A planner whose choice can be set. It learns only from what it chose itself. */
class SteeredPlanner extends Planner {
  steered: PlanKind | null = null

  override choose(facts: SearchFacts, request: PlanRequest): Choice {
    if (this.steered === null) return super.choose(facts, request)
    if (this.steered === 'graph' && request.graph !== null)
      return this.predict('graph', facts, request.graph)
    const plans = this.exactPlans(facts)
    return plans.find(({ plan }) => plan === this.steered) ?? plans[0]
  }

  override ran(...about: Parameters<Planner['ran']>): void {
    if (this.steered === null) super.ran(...about)
  }
}

/** The vectors are like embeddings: 1000 gaussian clusters of 16 directions each. */
const centres = Array.from({ length: 1000 }, () => normal(1))
const directions = Array.from({ length: 16 }, () => normal(0.1))
function normal(scale: number): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, () => gaussian(random) * scale)
}
function vector(): Float32Array {
  const made = centres[Math.floor(random() * centres.length)]!.slice()
  for (const direction of directions) {
    const weight = gaussian(random)
    for (let i = 0; i < DIMENSIONS; i++) made[i]! += weight * direction[i]!
  }
  const norm = Math.hypot(...made)
  return made.map((value) => value / norm)
}

interface Opened {
  readonly planner: SteeredPlanner
  readonly generation: GenerationUnderTest
  close(): Promise<void>
}

async function open(records: number): Promise<Opened> {
  const memory = new BlockMemory()
  const kernels = new URL('../src/kernels/kernels.wasm', import.meta.url)
  const module = new WebAssembly.Module(readFileSync(kernels))
  const threads = new SearchThreads({ memory, module, threads: 2 })
  const owner = new GraphOwner(memory)
  const coefficients: Coefficients = await calibrate(threads, memory)
  const rows = new VectorRows(memory, DIMENSIONS)
  const coding = new RowCoding(memory, threads.coder, DIMENSIONS)
  const planner = new SteeredPlanner(() => coefficients)
  const generation = new GenerationUnderTest({
    vectors: rows,
    coding,
    index: threads.index(rows, 'euclidean', coding),
    trees: threads.trees(rows, 'euclidean', { place: null, notice: () => undefined }),
    sets: null,
    selections: threads.selections,
    graph: new HnswGraph({
      place: null,
      notice: () => undefined,
      owner,
      rows,
      fromRecords: GRAPH_FROM,
    }),
    planning: new SearchPlanning({
      planner,
      clock,
      load: new SearchLoad(),
      split: threads.split,
      latencyBudgetMs: LATENCY_BUDGET_MS,
    }),
    recall: new LiveRecall({ recallTarget: RECALL_TARGET, random: seededRandom(2), clock }),
  })
  for (let i = 0; i < records; i++) {
    generation.put({ key: i + 1, id: `r${i}`, vector: vector(), replacedKey: null })
    if (i % 1000 === 0) await new Promise(setImmediate)
  }
  await generation.coded()
  generation.filled()
  while (
    records >= GRAPH_FROM &&
    !(generation.graph.kind === 'ready' && generation.graph.fresh === 0)
  ) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    planner,
    generation,
    async close() {
      generation.release()
      await Promise.all([threads.close(), owner.close()])
    },
  }
}

type Accuracy = RowsQuery['accuracy']

function query(k: number, keys: Float64Array | null, accuracy: Accuracy): RowsQuery {
  return {
    vector: vector(),
    k,
    accuracy,
    keys: keys === null ? null : async () => keys,
    radius: Number.POSITIVE_INFINITY,
    after: null,
    without: [],
    paged: false,
    exactIndex: 'scan',
  }
}

interface Timed {
  readonly name: string
  readonly plan: string
  readonly ms: number
}

async function cell(
  { generation, planner }: Opened,
  records: number,
  k: number,
  keys: Float64Array | null,
): Promise<{ timed: readonly Timed[]; short: number }> {
  const graph = generation.graph.kind === 'ready'
  const steers: readonly (readonly [string, PlanKind | null, Accuracy])[] = [
    ['exact', null, 'exact'],
    ['approximate', null, 'approximate'],
    ['auto', null, 'auto'],
    ['gather', 'gather', 'exact'],
    ['cascade', 'cascade', 'exact'],
    ...(graph ? [['graph', 'graph', 'approximate'] as const] : []),
  ]
  const most = Math.min(k, keys?.length ?? records)
  const answers = new Map<string, RowsAnswer[]>(steers.map(([name]) => [name, []]))
  let short = 0
  for (let round = -IDLE_ROUNDS; round < ROUNDS; round++) {
    for (const [name, steered, accuracy] of steers) {
      planner.steered = steered
      const answer = await generation.search(query(k, keys, accuracy))
      if (answer.hits.length < most) short++
      if (round >= 0) answers.get(name)!.push(answer)
    }
    planner.steered = null
    if (round < 0) await generation.measureRecall()
  }
  const timed = [...answers].flatMap(([name, all]): Timed[] => {
    const { plan } = all.at(-1)!
    // Where the graph was chosen but could not answer, an exact plan did.
    if (name === 'graph' && all.some(({ exact }) => exact)) return []
    return [
      {
        name,
        plan,
        ms: quantile(
          all.map(({ cost }) => cost.measuredMs),
          0.5,
        ),
      },
    ]
  })
  return { timed, short }
}

const load = loadavg()[0]!.toFixed(1)
const choices: (string | number)[][] = []
const plans: (string | number)[][] = []
const recalls: (string | number)[][] = []
const within = { exact: 0, approximate: 0 }
let cells = 0
let tooFew = 0
for (const records of sizes) {
  const opened = await open(records)
  const { generation } = opened
  for (let i = 0; i < TUNING; i++) {
    await generation.search(query(10, null, 'auto'))
    await generation.measureRecall()
  }
  for (const share of SHARES) {
    const all = Float64Array.from({ length: records }, (_, i) => i + 1)
    const keys = share === 1 ? null : all.filter(() => random() < share)
    for (const k of DEPTHS) {
      const { timed, short } = await cell(opened, records, k, keys)
      const by = (name: string) => timed.find((other) => other.name === name)
      const ms = (name: string) => by(name)?.ms ?? Number.POSITIVE_INFINITY
      const best = {
        exact: Math.min(ms('gather'), ms('cascade')),
        approximate: Math.min(ms('gather'), ms('cascade'), ms('graph')),
      }
      const name = [records, `${share * 100} %`, k]
      const times = (accuracy: 'exact' | 'approximate') => ms(accuracy) / best[accuracy]
      if (times('exact') <= WITHIN) within.exact++
      if (times('approximate') <= WITHIN) within.approximate++
      cells++
      tooFew += short
      const chosen = (accuracy: string) => [by(accuracy)!.plan, ms(accuracy)]
      choices.push([
        ...name,
        ...[...chosen('exact'), times('exact')],
        ...[...chosen('approximate'), times('approximate')],
        ...[...chosen('auto'), short],
      ])
      const shown = (plan: string) => by(plan)?.ms ?? ''
      plans.push([...name, shown('gather'), shown('cascade'), shown('graph')])
    }
  }
  for (const { filter, ef, recall, low, high, queries } of generation.recall) {
    recalls.push([records, filter, ef, recall, low, high, queries])
  }
  await opened.close()
}

const tables: Table[] = [
  {
    title: `Cells of ${cells} within ${WITHIN} times the best plan`,
    columns: ['accuracy', 'cells', 'answers with fewer than k'],
    rows: [
      ['exact: of gather and cascade', within.exact, tooFew],
      ['approximate: of gather, cascade and graph', within.approximate, ''],
    ],
  },
  {
    title: 'What the planner chose, median ms',
    columns: [
      ...['records', 'allowed', 'k', 'exact', 'ms', 'times the best'],
      ...['approximate', 'ms', 'times the best', 'auto', 'ms', 'short'],
    ],
    rows: choices,
  },
  {
    title: 'Every plan, median ms',
    columns: ['records', 'allowed', 'k', 'gather', 'cascade', 'graph'],
    rows: plans,
  },
  {
    title: 'Recall, measured in between',
    columns: ['records', 'filter', 'ef', 'recall', 'low', 'high', 'queries'],
    rows: recalls,
  },
]
writeReport(
  'planner',
  circumstances(
    `1000 clusters of 16 directions in ${DIMENSIONS} dimensions, unit length, made; filters let through records at random`,
    `${ROUNDS} queries a cell and plan, one caller; latency budget ${LATENCY_BUDGET_MS} ms, recall target ${RECALL_TARGET}; load average at the start ${load}`,
  ),
  tables,
)
