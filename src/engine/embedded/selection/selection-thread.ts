import { RowSource } from '../../../index/scan/row-source.ts'
import { farthestFirst } from '../../../index/selection/farthest-first.ts'
import { mostDiverse } from '../../../index/selection/most-diverse.ts'
import { mostUnusual } from '../../../index/selection/most-unusual.ts'
import { DISTANCES_A_STEP, type Points, type Steps } from '../../../index/selection/points.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { StopSign } from '../../../threads/stop-flags.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { Turns } from '../../../threads/turns.ts'
import { type PrincipalPlane, placeOn, principalPlane } from '../../../vector/principal-plane.ts'
import { seededRandom } from '../../../vector/random.ts'
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

interface MappedRows {
  readonly rows: RowsView
  readonly listed: Uint32Array
}

interface Diversified extends Selection {
  readonly distances: Float64Array
  readonly diversity: number
}

const segments: WebAssembly.Memory[] = []
const source = new RowSource(segments, rowReader())
const turns = new Turns()

/** Seeds the start of the search for a plane, which decides nothing but digits that are rounding. */
const PLANE_SEED = 1
/** Rows placed before others may have their turn. */
const ROWS_A_STEP = 32

const calls = {
  representative: (selection: Selection, stop: StopSign) =>
    inTurns(farthestFirst(pointsOf(selection), selection.k), stop),
  unusual: (selection: Selection, stop: StopSign) =>
    inTurns(mostUnusual(pointsOf(selection), selection.k), stop),
  diverse: ({ k, distances, diversity, ...rows }: Diversified, stop: StopSign) =>
    inTurns(mostDiverse(pointsOf({ ...rows }), distances, k, diversity), stop),
  async plane({ rows, listed }: MappedRows, stop: StopSign): Promise<PrincipalPlane> {
    const slices = turns.begin(stop)
    const sample = {
      count: listed.length,
      vector: (i: number) => source.vector(rows, listed[i]!),
    }
    const pause = async () => {
      if (slices.spend(DISTANCES_A_STEP)) await slices.next()
    }
    return await principalPlane(sample, rows.layout.dimensions, seededRandom(PLANE_SEED), pause)
  },
  async places(
    { rows, listed, plane }: MappedRows & { readonly plane: PrincipalPlane | null },
    stop: StopSign,
  ): Promise<Float32Array> {
    const slices = turns.begin(stop)
    const points = new Float32Array(2 * listed.length)
    if (plane === null) return points
    for (let i = 0; i < listed.length; i++) {
      placeOn(plane, source.vector(rows, listed[i]!), points, 2 * i)
      if (i % ROWS_A_STEP === 0 && slices.spend(DISTANCES_A_STEP)) await slices.next()
    }
    return points
  },
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
