import { readFileSync } from 'node:fs'
import { JOIN_START, type JoinPlace, type JoinTask } from '../../src/index/join/join-task.ts'
import { RowJoin } from '../../src/index/join/row-join.ts'
import { type CodedRows, markCoded, writeCodes } from '../../src/index/scan/cascade/coded-rows.ts'
import { learnTransform } from '../../src/index/scan/cascade/transform.ts'
import { RowSource } from '../../src/index/scan/row-source.ts'
import { ScanSegment } from '../../src/index/scan/scan-segment.ts'
import { BlockMemory, blockAddress } from '../../src/kernels/block-memory.ts'
import { CodeRows, fullLayout, PREFIX_LAYOUT } from '../../src/kernels/code-rows.ts'
import { kernelBound } from '../../src/kernels/kernels.ts'
import { Projector } from '../../src/kernels/projector.ts'
import { VectorRows } from '../../src/kernels/vector-rows.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { squaredBound } from '../../src/vector/space.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'
import { CLUSTERED, clusteredVectors } from './clustered-vectors.ts'
import type { Table } from './report.ts'

/** The pairs within the radius: a number of them, and a share of all. */
const WANTED_PAIRS = 500_000
const WANTED_SHARE = 0.01
/** The rows of the left side are shared between so many turns, of which some are measured. */
const TURNS = 16
const MEASURED_TURNS = 2
const LEFT_ROWS = 256
const ASKED_EVERY = 16

interface Rows {
  readonly vectors: VectorRows
  readonly codes: CodedRows
  readonly join: RowJoin
  readonly segments: ScanSegment[]
}

/** Measures joins within a radius beside the blocked double loop of the float32 kernel. */
export function joinTables(count: number, dimensions: number): Table[] {
  const random = seededRandom(2)
  const even = () =>
    toStoredVector(
      Float64Array.from({ length: dimensions }, () => gaussian(random)),
      dimensions,
      'cosine',
    )
  const sets: Record<string, () => Float32Array> = {
    [CLUSTERED]: clusteredVectors(dimensions, 1),
    'evenly on the sphere': even,
  }
  const pairs = (count * (count - 1)) / 2
  const rows = Object.entries(sets).flatMap(([name, make]) => {
    const made = filled(count, dimensions, make)
    return [
      joinRow(name, made, WANTED_PAIRS),
      joinRow(name, made, Math.round(pairs * WANTED_SHARE)),
    ]
  })
  return [
    {
      title: `Self-join within a radius of about ${WANTED_PAIRS} pairs, and of ${100 * WANTED_SHARE} % of all, ${count} x ${dimensions}: ${MEASURED_TURNS} of ${TURNS} parts of the rows, one thread`,
      columns: ['data', 'pairs', 'double loop, s', 'join, s', 'times faster', 'codes'],
      rows,
    },
  ]
}

function joinRow(name: string, rows: Rows, wanted: number): (string | number)[] {
  const radius = radiusOf(rows, wanted)
  let [loopMs, joinMs, loopPairs, joinPairs] = [0, 0, 0, 0]
  const { count } = rows.vectors
  for (let turn = 0; turn < MEASURED_TURNS; turn++) {
    const left = Uint32Array.from(
      { length: Math.ceil(count / TURNS) },
      (_, i) => i * TURNS + turn,
    ).filter((row) => row < count)
    joinMs += timed(() => {
      joinPairs += joined(rows, left, { radius, k: Number.POSITIVE_INFINITY })
    })
    loopMs += timed(() => {
      loopPairs += doubleLoop(rows, left, radius)
    })
  }
  if (loopPairs !== joinPairs) throw new Error(`expected ${loopPairs} pairs, got ${joinPairs}`)
  const levels = rows.codes.prefix === null ? 'of whole vectors' : 'prefix, then whole vectors'
  return [name, joinPairs, loopMs / 1000, joinMs / 1000, loopMs / joinMs, levels]
}

function joined(
  { vectors, codes, join }: Rows,
  left: Uint32Array,
  limits: Pick<JoinTask, 'radius' | 'k'>,
): number {
  // Slices of processor time, as in a thread that nothing else holds up; asked for now and then, since that takes long.
  let asked = 0
  let now = 0
  const clock = () => {
    if (asked++ % ASKED_EVERY === 0) now = process.cpuUsage().user / 1000
    return now
  }
  const options = { clock, sliceMs: 8, checkStop: () => undefined }
  let pairs = 0
  for (let i = 0; i < left.length; i += LEFT_ROWS) {
    const rows = vectors.view()
    const task = {
      space: 'cosine',
      left: rows,
      leftRows: left.subarray(i, i + LEFT_ROWS),
      right: { rows, codes, allowed: null },
      isSelf: true,
      ranks: null,
      ...limits,
    } as const
    let from: JoinPlace | null = JOIN_START
    while (from !== null) {
      const slice = join.slice({ ...task, from }, options)
      pairs += slice.left.length
      from = slice.next
    }
  }
  return pairs
}

/** The float32 kernel on a block of rows after the other, which stays in the cache while all others meet it. */
function doubleLoop({ vectors, segments }: Rows, left: Uint32Array, radius: number): number {
  const { layout, blocks, count } = vectors.view()
  const { floats, rowsPerBlock, dimensions } = layout
  const table = new Int32Array(blocks)
  const bound = kernelBound(squaredBound('cosine', radius), dimensions)
  const copies = [...left].map((row) => vectors.read(row))
  let pairs = 0
  for (let first = 0; first < count; first += rowsPerBlock) {
    const { segment: number, byteOffset } = blockAddress(table[first / rowsPerBlock]!)
    const segment = segments[number]!
    const { kernels, at, found, squares } = segment
    const end = Math.min(count, first + rowsPerBlock)
    for (let i = 0; i < left.length; i++) {
      const from = Math.max(first, left[i]! + 1)
      if (from >= end) break
      segment.loadQuery(copies[i]!, floats)
      const start = byteOffset + (from - first) * floats * 4
      const hits = kernels.scan(at.query, start, end - from, floats, bound, at.found)
      if (hits === 0) continue
      kernels.canonical(at.query, start, at.found, hits, floats, dimensions, at.listed)
      for (let j = 0; j < hits; j++) if (squares[j]! / 2 <= radius && found[j]! >= 0) pairs++
    }
  }
  return pairs
}

/** Finds a radius that about the wanted number of pairs lie within, by those of some rows with all others. */
function radiusOf({ vectors }: Rows, wanted: number): number {
  const { count } = vectors
  const distances: number[] = []
  const asked = 100
  for (let i = 0; i < asked; i++) {
    const query = vectors.read(Math.floor((i * count) / asked))
    for (let row = 0; row < count; row++) {
      distances.push(squaredEuclidean(query, vectors.read(row)) / 2)
    }
  }
  const sorted = Float64Array.from(distances).sort()
  // Each is at distance 0 from itself, and each pair has two ends.
  return sorted[asked + Math.round((2 * wanted * asked) / count)]!
}

function filled(count: number, dimensions: number, make: () => Float32Array): Rows {
  const url = new URL('../../src/kernels/kernels.wasm', import.meta.url)
  const module = new WebAssembly.Module(readFileSync(url))
  const memory = new BlockMemory()
  const vectors = new VectorRows(memory, dimensions)
  const join = new RowJoin(module, 0)
  const segments: ScanSegment[] = []
  memory.onSegment((segment) => {
    join.addSegment(segment)
    segments.push(new ScanSegment(module, segment, 1))
  })
  for (let row = 0; row < count; row++) vectors.append(make())
  const step = Math.max(1, Math.floor(count / 4096))
  const sample = { count: Math.floor(count / step), vector: (i: number) => vectors.read(i * step) }
  const { transform } = learnTransform(sample, dimensions, seededRandom(3), null)
  const prefix = new CodeRows(memory, PREFIX_LAYOUT)
  const full = new CodeRows(memory, fullLayout(dimensions))
  prefix.reserve(count)
  full.reserve(count)
  const codes = {
    transform,
    prefix: transform.usePrefix ? prefix.view() : null,
    full: full.view(),
    end: count,
    coded: new SharedArrayBuffer(Math.ceil(count / 32) * 4),
  }
  const all = Uint32Array.from({ length: count }, (_, row) => row)
  const source = new RowSource(memory.segments, null)
  const coded = writeCodes(
    memory.segments,
    new Projector(module),
    source,
    vectors.view(),
    codes,
    all,
  )
  for (const row of coded) markCoded(codes.coded, row)
  return { vectors, codes, join, segments }
}

function timed(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
