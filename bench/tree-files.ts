// Compares a restart that reads trees from their files with one that builds them, and measures the next page.
// usage: node dist/bench/tree-files.js [RECORDS]
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HostedTrees } from '../src/engine/embedded/trees/hosted-trees.ts'
import {
  type ResumableTreeSearch,
  TREE_KINDS,
  type TreeKind,
} from '../src/index/metric/row-tree.ts'
import { ResumableSearches } from '../src/index/scan/resumable-searches.ts'
import { BlockMemory } from '../src/kernels/block-memory.ts'
import { VectorRows } from '../src/kernels/vector-rows.ts'
import { seededRandom } from '../src/vector/random.ts'
import { clustered, DIMENSIONS } from './support/low-dimensional-clusters.ts'
import { circumstances, type Table, writeReport } from './support/report.ts'

const records = Number(process.argv[2] ?? 20_000)
/** A replaced record is two changes: one has ended, one is new. */
const CHANGED_SHARES = [0, 0.01, 0.05]
const PAGE = 20
const PAGES = 10
const QUERIES = 20

const folder = mkdtempSync(join(tmpdir(), 'lookalike-tree-files-'))
const memory = new BlockMemory()
const place = { folder, collection: 1, generation: 0, metric: 'cosine' } as const
/** The vectors beyond `records` replace some of the first ones, as changed records. */
const vectors = clustered(seededRandom(1), Math.round(records * 1.05) + QUERIES)
const queries = vectors.slice(-QUERIES)

interface Cost {
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** Measures all threads of this process. Other work on the machine changes the processor time little. */
async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await work()
  const wallSeconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { cpuSeconds: (user + system) / 1e6, wallSeconds }
}

/** Makes the rows of a start. @param changed the share of the records, the first of them, that have been replaced. */
function rowsOf(changed: number): { rows: VectorRows; keys: Float64Array } {
  const rows = new VectorRows(memory, DIMENSIONS)
  const first = Math.round(changed * records)
  for (const vector of vectors.slice(first, first + records)) rows.append(vector)
  return { rows, keys: Float64Array.from({ length: records }, (_, i) => first + i + 1) }
}

function newTrees(): HostedTrees {
  const resumable = new ResumableSearches<ResumableTreeSearch>(() => performance.now())
  return new HostedTrees(memory.segments, resumable)
}

async function start(structure: TreeKind, changed: number, how: 'build' | 'read' | 'keep') {
  const { rows, keys } = rowsOf(changed)
  const trees = newTrees()
  const file = how === 'build' ? null : { place, keys }
  const common = { tree: 0, structure, space: 'cosine', live: null } as const
  const cost = await costOf(async () => {
    const files = { file, fromFile: how === 'read' }
    const { fileEvents } = await trees.build({ ...common, ...files, rows: rows.view() })
    if (how === 'read' && fileEvents[0]?.file !== 'used')
      throw new Error(JSON.stringify(fileEvents))
  })
  rows.release()
  return cost
}

async function restarts(structure: TreeKind): Promise<Table> {
  // This one warms up.
  await start(structure, 0, 'build')
  const built = await start(structure, 0, 'build')
  const kept = await start(structure, 0, 'keep')
  const { size } = statSync(join(folder, `1.${structure}`))
  const rows: (string | number)[][] = []
  const add = (name: string, { cpuSeconds, wallSeconds }: Cost) => {
    rows.push([name, cpuSeconds, wallSeconds, built.cpuSeconds / cpuSeconds])
  }
  add('built', built)
  add('built and written', kept)
  for (const share of CHANGED_SHARES) {
    add(`read, ${share * 100} % replaced since`, await start(structure, share, 'read'))
  }
  return {
    title: `${structure}, a file of ${(size / 2 ** 20).toFixed(1)} MiB`,
    columns: ['', 'CPU s', 'wall s', 'times less CPU than building'],
    rows,
  }
}

async function pages(): Promise<Table> {
  const rows: (string | number)[][] = []
  for (const structure of TREE_KINDS) {
    const stored = rowsOf(0)
    const trees = newTrees()
    const view = stored.rows.view()
    const common = { tree: 0, rows: view } as const
    const build = {
      structure,
      space: 'cosine',
      live: null,
      file: null,
      fromFile: false,
    } as const
    await trees.build({ ...common, ...build })
    for (const how of ['resumes', 'starts over'] as const) {
      let [first, later] = [0, 0]
      const cost = await costOf(async () => {
        for (const vector of queries) {
          let from = -1
          for (let page = 0; page < PAGES; page++) {
            const limits = { k: PAGE, radius: Number.POSITIVE_INFINITY, from, allowed: null }
            const named = how === 'resumes' ? { resumableAs: `${vector}` } : {}
            const query = { vector, ...limits, ...named }
            const answer = trees.search({ ...common, query })
            const computed = answer.levels[0]!.candidates
            if (page === 0) first += computed
            else later += computed
            from = answer.distances.reduce((most, distance) => Math.max(most, distance), from)
          }
        }
      })
      const laterPages = QUERIES * (PAGES - 1)
      rows.push([
        ...[`${structure}, ${how}`, first / QUERIES, later / laterPages],
        (cost.cpuSeconds * 1000) / QUERIES / PAGES,
      ])
    }
    stored.rows.release()
  }
  return {
    title: `${PAGES} pages of ${PAGE}`,
    columns: ['', 'distances of the first page', 'of a later one', 'CPU ms a page'],
    rows,
  }
}

const tables: Table[] = []
for (const structure of TREE_KINDS) tables.push(await restarts(structure))
tables.push(await pages())
rmSync(folder, { recursive: true })
writeReport(
  'tree-files',
  circumstances(
    `${records} unit vectors of ${DIMENSIONS} numbers, made with seed 1: 100 clusters of intrinsic dimension 8`,
    `${QUERIES} queries that are not stored`,
  ),
  tables,
)
