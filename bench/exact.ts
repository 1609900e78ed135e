// Measures exact 10-NN and range queries on real data: the cascade of codes against the float32 scan of the same
// process and against the exact search of usearch, on one thread. Then it compares two threads with one.
// usage: node dist/bench/exact.js [--fashion-mnist FOLDER] [--pictures FOLDER,... --embeddings FILE]
//        [--usearch FOLDER] [--faiss PYTHON]
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SearchThreads } from '../src/engine/embedded/search/search-threads.ts'
import type { RowAnswer, RowQuery } from '../src/index/row-index.ts'
import type { CodedRows } from '../src/index/scan/cascade/coded-rows.ts'
import { RowCoding } from '../src/index/scan/cascade/row-coding.ts'
import { RowSearch } from '../src/index/scan/row-search.ts'
import { BlockMemory } from '../src/kernels/block-memory.ts'
import { VectorRows } from '../src/kernels/vector-rows.ts'
import { seededRandom } from '../src/vector/random.ts'
import { measureFaiss } from './support/faiss.ts'
import { fashionMnist } from './support/fashion-mnist.ts'
import { imageEmbeddings, withMixtures } from './support/image-embeddings.ts'
import { interleaved, interleavedAsync } from './support/interleaved.ts'
import { load } from './support/load.ts'
import { circumstances, type Table, writeReport } from './support/report.ts'
import { TwoProcesses } from './support/two-processes.ts'
import { openUsearch, type Usearch } from './support/usearch.ts'

const K = 10
const QUERIES = 96
const BATCH = 16
const MIXED_TO = 50_000
const VIEWS = 5

interface DataSet {
  readonly name: string
  readonly vectors: readonly Float32Array[]
  readonly queries: readonly Float32Array[]
}

function nearest(vector: Float32Array): RowQuery {
  return { vector, k: K, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }
}

async function measure(
  set: DataSet,
  usearch: Usearch | null,
  python: string | undefined,
): Promise<Table[]> {
  const dimensions = set.vectors[0]!.length
  const memory = new BlockMemory()
  const module = new WebAssembly.Module(
    readFileSync(new URL('../src/kernels/kernels.wasm', import.meta.url)),
  )
  const search = new RowSearch(module, 63)
  memory.onSegment((segment) => search.addSegment(segment))
  const rows = new VectorRows(memory, dimensions)
  for (const vector of set.vectors) rows.append(vector)
  const two = new SearchThreads({ memory, module, threads: 2, splitAbove: 0 })
  const one = new SearchThreads({ memory, module, threads: 1, splitAbove: 0 })
  const loop = new TwoProcesses()
  try {
    const coding = new RowCoding(memory, two.coder, dimensions)
    const started = performance.now()
    await coding.advance(rows.view(), () => 0)
    const learnt = performance.now()
    while (coding.pending(rows.count)) await coding.advance(rows.view(), () => 0)
    const written = performance.now()
    const codes = coding.view()!
    const withoutPrefix = { ...codes, prefix: null }
    const range = { first: 0, end: rows.count }
    const find = (levels: CodedRows | null, queries: readonly RowQuery[]) =>
      search.search(rows.view(), levels, 'cosine', queries, range)

    const queries = set.queries.slice(0, QUERIES).map(nearest)
    const ranges = queries.map((query) => ({
      ...query,
      k: 1000,
      radius: Math.max(...find(null, [query])[0]!.distances),
    }))
    const oneEach = (levels: CodedRows | null, each: readonly RowQuery[]) => (i: number) =>
      find(levels, [each[i % each.length]!])
    const batch = (levels: CodedRows | null) => (i: number) =>
      find(levels, cut(queries, i * BATCH, BATCH))
    const single = set.queries.slice(0, QUERIES)
    const flat = usearch === null ? null : joined(set.vectors)

    const methods: Record<string, (i: number) => unknown> = {
      'float32 scan': oneEach(null, queries),
      '10-NN: codes, float32': oneEach(withoutPrefix, queries),
      '10-NN: prefix, codes, float32': oneEach(codes, queries),
      'range of about 10: float32 scan': oneEach(null, ranges),
      'range of about 10: codes, float32': oneEach(withoutPrefix, ranges),
      'range of about 10: prefix, codes, float32': oneEach(codes, ranges),
      ...(usearch === null
        ? {}
        : {
            'usearch, one query': (i: number) =>
              usearch(flat!, single[i % single.length]!, dimensions, K),
          }),
    }
    const batches: Record<string, (i: number) => unknown> = {
      'batch of 16: float32 scan': batch(null),
      'batch of 16: codes, float32': batch(withoutPrefix),
      'batch of 16: prefix, codes, float32': batch(codes),
      ...(usearch === null
        ? {}
        : {
            'usearch, batch of 16': (i: number) =>
              usearch(flat!, joined(cut(single, i * BATCH, BATCH)), dimensions, K),
          }),
    }
    const times: Record<string, number> = {
      ...interleaved(methods, QUERIES, 1),
      ...interleaved(batches, QUERIES / BATCH, BATCH),
    }
    if (python !== undefined) {
      const options = { dimensions, k: K, batch: BATCH }
      const faiss = measureFaiss(python, joined(set.vectors), joined(single), options)
      times[`faiss ${faiss.version} IndexFlatL2, one query`] = faiss.one
      times[`faiss ${faiss.version} IndexFlatL2, batch of ${BATCH}`] = faiss.batch
    }
    const scanMs = times['float32 scan']!
    const rivalMs = (name: string) =>
      times[name.startsWith('batch') ? 'usearch, batch of 16' : 'usearch, one query']
    const against = (name: string, ms: number) => {
      const rival = rivalMs(name)
      return rival === undefined || /^(usearch|faiss)/.test(name) ? '' : rival / ms
    }
    const by = (threads: SearchThreads, coded: RowCoding | null, callers: number) => {
      const index = threads.index(rows, 'cosine', coded)
      return (i: number) => {
        const round = cut(queries, i * callers, callers * searchesOf(callers))
        return load(round.length, callers, (j) => index.search(round[j]!))
      }
    }
    const threaded = (coded: RowCoding | null, callers: number, rounds: number) =>
      interleavedAsync(
        {
          one: by(one, coded, callers),
          two: by(two, coded, callers),
          alone: () => loop.alone(),
          together: () => loop.together(),
        },
        rounds,
      )
    const byThreads: (string | number)[][] = []
    for (const [name, coded, callers, rounds] of [
      ['prefix, codes, float32; one caller, its searches split', coding, 1, 200],
      [
        `prefix, codes, float32; ${BATCH} callers, whole searches by each thread`,
        coding,
        BATCH,
        30,
      ],
      ['float32 scan; one caller, its searches split', null, 1, 50],
    ] as const) {
      const times = await threaded(coded, callers, rounds)
      const { one: oneMs = 0, two: twoMs = 0, alone = 0, together = 0 } = times
      const searches = callers * searchesOf(callers)
      byThreads.push([name, oneMs / searches, twoMs / searches, oneMs / twoMs, alone / together])
    }
    return [
      {
        title: `${set.name}: ${rows.count} x ${dimensions}, one thread`,
        columns: ['', 'median ms a query', 'times the float32 scan', 'times usearch'],
        rows: Object.entries(times).map(([name, ms]) => [
          ...[name, ms, scanMs / ms],
          against(name, ms),
        ]),
      },
      {
        title: `${set.name}: rows that each level looks at, mean a query`,
        columns: ['', ...LEVELS],
        rows: [
          ['10-NN', ...meanCandidates(queries.map((query) => find(codes, [query])[0]!))],
          ['range', ...meanCandidates(ranges.map((query) => find(codes, [query])[0]!))],
        ],
      },
      {
        title: `${set.name}: 10-NN by threads`,
        columns: ['', 'one, ms a query', 'two, ms a query', 'times', LOOP],
        rows: byThreads,
      },
      {
        title: `${set.name}: preparation`,
        columns: ['learn, s', 'write codes, s'],
        rows: [[(learnt - started) / 1000, (written - learnt) / 1000]],
      },
    ]
  } finally {
    loop.close()
    await Promise.all([one.close(), two.close()])
  }
}

/** Shows what the machine gave to two processes at that time. */
const LOOP = 'a loop in two processes of their own, in turns, times'
const LEVELS = ['prefix', 'codes', 'float32', 'float64']

/** Computes the mean number of rows that each level looks at. */
function meanCandidates(answers: readonly RowAnswer[]): number[] {
  return LEVELS.map((name) => {
    const counts = answers.map(
      ({ levels }) => levels.find((level) => level.name === name)?.candidates ?? 0,
    )
    return Math.round(counts.reduce((a, b) => a + b, 0) / counts.length)
  })
}

/** The searches of each caller in a round. Many callers make several, so that threads seldom wait for its end. */
const searchesOf = (callers: number) => (callers === 1 ? 1 : 6)

/** Takes `count` items from `start` on, which may be past the end: the items repeat. */
function cut<T>(items: readonly T[], start: number, count: number): T[] {
  return Array.from({ length: count }, (_, i) => items[(start + i) % items.length]!)
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  const dimensions = vectors[0]!.length
  const all = new Float32Array(vectors.length * dimensions)
  for (const [i, vector] of vectors.entries()) all.set(vector, i * dimensions)
  return all
}

const { values } = parseArgs({
  options: {
    'fashion-mnist': { type: 'string' },
    pictures: { type: 'string' },
    embeddings: { type: 'string' },
    usearch: { type: 'string' },
    faiss: { type: 'string' },
  },
})
const loadAverage = loadavg()[0]!.toFixed(1)
const usearch = values.usearch === undefined ? null : await openUsearch(resolve(values.usearch))
const tables: Table[] = []
const data: string[] = []
if (values['fashion-mnist'] !== undefined) {
  const folder = values['fashion-mnist']
  const queries = fashionMnist(folder, 't10k').slice(0, QUERIES)
  data.push('Fashion-MNIST training pixels, unit length, queries from its test set')
  const set = { name: 'Fashion-MNIST', vectors: fashionMnist(folder, 'train'), queries }
  tables.push(...(await measure(set, usearch, values.faiss)))
}
if (values.pictures !== undefined) {
  const images = await imageEmbeddings({
    folders: values.pictures.split(','),
    model: 'models/efficientnet-lite0',
    views: VIEWS,
    cache: values.embeddings ?? 'embeddings.f32',
  })
  const stored = images.map((views) => views.slice(1))
  const embedded = stored.flat().length
  const random = seededRandom(2)
  const vectors = withMixtures(stored, MIXED_TO, random)
  const queries = Array.from(
    { length: QUERIES },
    () => images[Math.floor(random() * images.length)]![0]!,
  )
  data.push(
    `embeddings of ${images.length} photographs and emoji by efficientnet-lite0: ${embedded} of augmented crops, ` +
      `${vectors.length - embedded} mixed in random shares of two crops of the same image ` +
      '(not themselves embeddings), queries: crops that are not stored',
  )
  tables.push(...(await measure({ name: 'Embeddings', vectors, queries }, usearch, values.faiss)))
}
writeReport(
  'exact',
  circumstances(
    data.join('; '),
    `k ${K}, ${QUERIES} queries, cosine, medians, all methods in turns in one process; usearch ${usearch === null ? 'left out' : '2.25.3, exactSearch, cosine, one thread'}; faiss after the others, one thread; ` +
      `load average at the start ${loadAverage}`,
  ),
  tables,
)
