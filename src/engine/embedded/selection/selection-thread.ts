import { RowSource } from '../../../index/scan/row-source.ts'
import { farthestFirst } from '../../../index/selection/farthest-first.ts'
import { mostDiverse } from '../../../index/selection/most-diverse.ts'
import { mostUnusual } from '../../../index/selection/most-unusual.ts'
import { DISTANCES_A_STEP, type Points, type Steps } from '../../../index/selection/points.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { StopSign } from '../../../threads/stop-flags.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { Turns } from '../../../threads/turns.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import { rowReader } from '../row-files/row-access.ts'
import { comparePackedIds, type PackedIds } from './packed-ids.ts'

export type SelectionCalls = typeof calls

/** The rows to choose from, with their ids. */
export interface SelectedRows {
  readonly rows: RowsView
  readonly space: SpaceKind
  readonly listed: Uint32Array
  readonly ids: PackedIds
}

interface Selection extends SelectedRows {
  readonly k: number
}

interface Diversified extends Selection {
  readonly distances: Float64Array
  readonly diversity: number
}

const segments: WebAssembly.Memory[] = []
const source = new RowSource(segments, rowReader())
const turns = new Turns()

const calls = {
  representative: (selection: Selection, stop: StopSign) =>
    inTurns(farthestFirst(pointsOf(selection), selection.k), stop),
  unusual: (selection: Selection, stop: StopSign) =>
    inTurns(mostUnusual(pointsOf(selection), selection.k), stop),
  diverse: ({ k, distances, diversity, ...rows }: Diversified, stop: StopSign) =>
    inTurns(mostDiverse(pointsOf({ ...rows }), distances, k, diversity), stop),
}

function pointsOf({ rows, space, listed, ids }: SelectedRows): Points {
  return {
    count: listed.length,
    space,
    vector: (position) => source.vector(rows, listed[position]!),
    compareIds: (a, b) => comparePackedIds(ids, a, b),
  }
}

async function inTurns<Result>(work: Steps<Result>, stop: StopSign): Promise<Result> {
  const slices = turns.begin(stop)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (slices.spend(DISTANCES_A_STEP)) await slices.next()
  }
}

const notices = { segment: (memory: WebAssembly.Memory) => segments.push(memory) }
await serveThread(() => ({ calls, notices }))
