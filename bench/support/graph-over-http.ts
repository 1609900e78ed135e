import type { GraphBench } from './graph-bench.ts'
import { type PreparedLoad, preparedLoad, preparedPost } from './prepared-load.ts'
import { quantile } from './report.ts'
import { RunningService } from './running-service.ts'

/** The searches of one measurement. */
interface SearchLoad {
  /** How a request gives its vector. */
  readonly form: 'list' | 'base64'
  readonly ef: number
  readonly connections: number
}

export interface MeasuredLoad extends PreparedLoad, SearchLoad {
  readonly recall: number
}

interface Status {
  readonly graph: { readonly kind: string; readonly fresh?: number }
}

interface Answer {
  readonly exact: boolean
  readonly matches: readonly { readonly id: string }[]
}

const FORMS = {
  list: (vector: Float32Array) => [...vector],
  base64: ({ buffer, byteOffset, byteLength }: Float32Array) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
}

/** The rounds before the first measurement. A service that runs for days has its code compiled and its rows coded. */
export const WARMING_ROUNDS = 10
/** The measurements of each load, of which the medians count. */
export const HTTP_TURNS = 7
export const HTTP_ROUNDS_A_TURN = 4

/** Searches the service by vector. It runs on the records of the benchmark, as a process of its own. */
export async function measureOverHttp(
  bench: GraphBench,
  truth: readonly ReadonlySet<number>[],
  loads: readonly SearchLoad[],
): Promise<readonly MeasuredLoad[]> {
  const service = await RunningService.start(bench.dataFolder)
  try {
    const path = `/v1/collections/${bench.collection}`
    await graphReady(service, path)
    const post = (vector: Float32Array, { form, ef }: SearchLoad) => {
      const query = { vector: FORMS[form](vector) }
      const body = JSON.stringify({ query, k: bench.k, accuracy: 'approximate', ef })
      return preparedPost(service.url, `${path}/search`, body)
    }
    const requests = loads.map((load) => bench.queries.map((vector) => post(vector, load)))
    const recalls: number[] = []
    const turns: PreparedLoad[][] = loads.map(() => [])
    for (const [at, { connections }] of loads.entries()) {
      let found = 0
      let answers = 0
      const unmeasured = { connections, rounds: at === 0 ? WARMING_ROUNDS : 1 }
      await preparedLoad(service.url, requests[at]!, unmeasured, (request, body) => {
        answers++
        const { exact, matches } = JSON.parse(body) as Answer
        if (exact) throw new Error('expected answers of the graph, got an exact one')
        for (const { id } of matches) if (truth[request]!.has(Number(id.slice(1)))) found++
      })
      recalls.push(found / (answers * bench.k))
    }
    // They take turns, so that a machine that is slow for a while is slow for all of them.
    for (let turn = 0; turn < HTTP_TURNS; turn++) {
      for (const [at, { connections }] of loads.entries()) {
        const measured = { connections, rounds: HTTP_ROUNDS_A_TURN }
        turns[at]!.push(await preparedLoad(service.url, requests[at]!, measured))
      }
    }
    return loads.map((load, at) => ({ ...load, recall: recalls[at]!, ...medians(turns[at]!) }))
  } finally {
    await service.stop()
  }
}

function medians(turns: readonly PreparedLoad[]): PreparedLoad {
  const median = (part: keyof PreparedLoad) => {
    return quantile(
      turns.map((turn) => turn[part]),
      0.5,
    )
  }
  return { perSecond: median('perSecond'), p50Ms: median('p50Ms'), p99Ms: median('p99Ms') }
}

async function graphReady(service: RunningService, path: string): Promise<void> {
  for (;;) {
    const { graph } = await service.json<Status>('GET', path)
    if (graph.kind === 'ready' && graph.fresh === 0) return
    await new Promise((done) => setTimeout(done, 500))
  }
}
