import type { EngineCollection } from '../../engine/engine.ts'
import type { PinnedGeneration } from '../../engine/generation.ts'
import { NEAREST_IDS } from '../../engine/query.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Collections } from '../collections.ts'
import type { Job } from '../jobs/job.ts'
import type { JobKind, JobRun } from '../jobs/job-kind.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { base64Numbers } from './base64-numbers.ts'
import { idNumber, type KeptLayout, LAYOUT_DOCUMENT } from './kept-layout.ts'
import type { Layouts, NeighbourGraph } from './layouts.ts'

/** The input of a layout, which is stored with its job as JSON. */
export interface LayoutInput {
  readonly seed: number
}

/** The neighbours of each record, itself included: as many as UMAP takes by default. */
const NEIGHBOURS = 15
/** More would take minutes of processor time and a gigabyte. */
const MAX_LAID_OUT = 20_000
const SEARCHES_AT_ONCE = 8
/** By the graph where there is one: an exact search takes ten times as long, and a neighbour that is missed moves no point far. */
const HOW_SEARCHED = { accuracy: 'approximate', k: NEIGHBOURS, limit: NEIGHBOURS } as const

interface Parts {
  readonly collections: Pick<Collections, 'get'>
  readonly layouts: Layouts
  readonly now: () => Date
}

/** Lays a collection out by its neighbourhoods, and keeps the result with it. */
export function layOutCollection({ collections, layouts, now }: Parts): JobKind {
  return {
    name: 'map',
    async run(run) {
      const { seed } = run.input as LayoutInput
      const { engine } = collections.get(run.collection!)
      checkCount(engine)
      const { generation, release } = engine.pin()
      try {
        const { ids, ...graph } = await neighbourGraph(engine, generation, run)
        const points = await layouts.layOut(graph, seed, run.signal)
        const layout: KeptLayout = {
          generation: generation.generation,
          model: generation.spec.model,
          seed,
          madeAt: now().toISOString(),
          records: base64Numbers(Float64Array.from(ids, idNumber)),
          points: base64Numbers(points),
        }
        await engine.keepDocument(LAYOUT_DOCUMENT, layout)
        run.at(2 * ids.length, 2 * ids.length)
        run.report({ records: ids.length })
      } finally {
        release()
      }
    },
  }
}

/** Finds the neighbours of every record: half of the work, as the progress shows it. */
async function neighbourGraph(
  engine: EngineCollection,
  generation: PinnedGeneration,
  run: JobRun,
): Promise<NeighbourGraph & { readonly ids: readonly string[] }> {
  const { dimensions } = generation.spec
  const ids: string[] = []
  const found: (readonly { readonly id: string; readonly distance: number }[])[] = []
  const total = 2 * engine.size
  for await (const batch of engine.vectors()) {
    run.signal.throwIfAborted()
    const places = batch.ids.map((_, i) => i)
    const matches = await mapBounded(places, SEARCHES_AT_ONCE, async (i) => {
      const vector = batch.vectors.slice(i * dimensions, (i + 1) * dimensions)
      const query = { ...NEAREST_IDS, ...HOW_SEARCHED, vector }
      return (await run.retry(() => generation.search(query, run.signal))).matches
    })
    ids.push(...batch.ids)
    found.push(...matches)
    run.at(Math.min(ids.length, total), total)
  }
  const placeOf = new Map(ids.map((id, place) => [id, place]))
  const neighbours = new Int32Array(ids.length * NEIGHBOURS)
  const distances = new Float32Array(neighbours.length)
  found.forEach((matches, place) => {
    for (let k = 0; k < NEIGHBOURS; k++) {
      // One that was added meanwhile is not laid out.
      const match = matches[k]
      const neighbour = match && placeOf.get(match.id)
      neighbours[place * NEIGHBOURS + k] = neighbour ?? place
      distances[place * NEIGHBOURS + k] = neighbour === undefined ? 0 : match!.distance
    }
  })
  return { ids, k: NEIGHBOURS, neighbours, distances }
}

/** @throws MAP_IMPOSSIBLE. */
function checkCount({ size, spec }: EngineCollection): void {
  if (size > NEIGHBOURS && size <= MAX_LAID_OUT) return
  throw new AppError(
    'MAP_IMPOSSIBLE',
    `expected ${NEIGHBOURS + 1} to ${MAX_LAID_OUT} records to lay out by their neighbours, got ${size} in ${spec.name}`,
  )
}

/** Starts layouts. */
export class Maps {
  readonly #collections: Pick<Collections, 'get'>
  readonly #jobs: JobRunner

  constructor(parts: { collections: Pick<Collections, 'get'>; jobs: JobRunner }) {
    this.#collections = parts.collections
    this.#jobs = parts.jobs
  }

  /** @throws COLLECTION_NOT_FOUND, MAP_IMPOSSIBLE; what `JobRunner.start` throws. */
  async start(name: string, input: LayoutInput): Promise<Job> {
    checkCount(this.#collections.get(name).engine)
    const about = 'a map by neighbourhoods (UMAP)'
    return await this.#jobs.start({ kind: 'map', collection: name, about, input })
  }
}
