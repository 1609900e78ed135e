import { type CodedRows, markCoded, writeCodes } from '../../src/index/scan/cascade/coded-rows.ts'
import { PREFIX_RANK, type Transform, transformOf } from '../../src/index/scan/cascade/transform.ts'
import type { ResumableScan, ResumableSearches } from '../../src/index/scan/resumable-searches.ts'
import { RowSearch } from '../../src/index/scan/row-search.ts'
import { RowSource } from '../../src/index/scan/row-source.ts'
import { BlockMemory } from '../../src/kernels/block-memory.ts'
import { CodeRows, fullLayout, PREFIX_LAYOUT } from '../../src/kernels/code-rows.ts'
import { Projector } from '../../src/kernels/projector.ts'
import type { StoredRows } from '../../src/kernels/stored-rows.ts'
import { VectorRows } from '../../src/kernels/vector-rows.ts'
import { principalSubspace } from '../../src/vector/principal-subspace.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { SCAN_MODULE } from './kernels.ts'
import { sampleOf } from './random-vectors.ts'

/** The vectors as rows in memory. */
export function filledRows(memory: BlockMemory, vectors: readonly Float32Array[]): VectorRows {
  const rows = new VectorRows(memory, vectors[0]?.length ?? 3)
  for (const vector of vectors) rows.append(vector)
  return rows
}

/** The codes of those rows that `wanted` names, as a thread would write them, here and now. */
export function codedRows(
  memory: BlockMemory,
  rows: VectorRows | StoredRows,
  transform: Transform,
  wanted: (row: number) => boolean,
): CodedRows {
  const prefix = new CodeRows(memory, PREFIX_LAYOUT)
  const full = new CodeRows(memory, fullLayout(rows.layout.dimensions))
  prefix.reserve(rows.count)
  full.reserve(rows.count)
  const target = {
    transform,
    prefix: transform.usePrefix ? prefix.view() : null,
    full: full.view(),
    end: rows.count,
    coded: new SharedArrayBuffer(Math.ceil(rows.count / 32) * 4),
  }
  const list = Uint32Array.from({ length: rows.count }, (_, row) => row).filter(wanted)
  const coded = writeCodes(
    memory.segments,
    new Projector(SCAN_MODULE),
    new RowSource(memory.segments, null),
    rows.view(),
    target,
    list,
  )
  for (const row of coded) markCoded(target.coded, row)
  return target
}

/** Learnt from all the vectors. */
function transform(vectors: readonly Float32Array[], prefix: boolean): Transform {
  const dimensions = vectors[0]!.length
  return transformOf(
    principalSubspace(sampleOf(vectors), dimensions, PREFIX_RANK, seededRandom(9), {
      iterations: 2,
    }),
    prefix,
  )
}

/** The levels of codes that rows have. */
export interface Levels {
  readonly prefix: boolean
  /** Which rows have codes. */
  readonly coded: (row: number) => boolean
}

/** Null without levels, and without rows to learn from. */
export function codesOf(
  memory: BlockMemory,
  rows: VectorRows | StoredRows,
  vectors: readonly Float32Array[],
  levels: Levels | null,
): CodedRows | null {
  if (levels === null || vectors.length === 0) return null
  return codedRows(memory, rows, transform(vectors, levels.prefix), levels.coded)
}

/** The vectors as rows in memory, with their codes, and a search of them. */
export function searchedRows(
  vectors: readonly Float32Array[],
  levels: Levels | null,
  resumable: ResumableSearches<ResumableScan> | null = null,
  stopFlags: Int32Array | null = null,
): { rows: VectorRows; codes: CodedRows | null; search: RowSearch } {
  const memory = new BlockMemory()
  const rows = filledRows(memory, vectors)
  const search = new RowSearch(SCAN_MODULE, 3, null, resumable, stopFlags)
  memory.onSegment((segment) => search.addSegment(segment))
  return { rows, codes: codesOf(memory, rows, vectors, levels), search }
}
