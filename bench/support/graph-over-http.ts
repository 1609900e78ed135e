import type { GraphBench } from './graph-bench.ts'
import { type PreparedLoad, preparedLoad, preparedPost } from './prepared-load.ts'
import { RunningService } from './running-service.ts'

export interface MeasuredLoad extends PreparedLoad {
  readonly ef: number
  readonly connections: number
  readonly recall: number
}

interface Status {
  readonly graph: { readonly kind: string; readonly fresh?: number }
}

interface Answer {
  readonly exact: boolean
  readonly matches: readonly { readonly id: string }[]
}

/** The service on the records of the benchmark, as a process of its own, searched by vector. */
export async function measureOverHttp(
  bench: GraphBench,
  truth: readonly ReadonlySet<number>[],
  loads: readonly { readonly ef: number; readonly connections: number }[],
  rounds: number,
): Promise<readonly MeasuredLoad[]> {
  const service = await RunningService.start(bench.dataFolder)
  try {
    const path = `/v1/collections/${bench.collection}`
    await graphReady(service, path)
    const measured: MeasuredLoad[] = []
    for (const { ef, connections } of loads) {
      const requests = bench.queries.map((vector) => {
        const wanted = { k: bench.k, accuracy: 'approximate', ef }
        const body = JSON.stringify({ query: { vector: [...vector] }, ...wanted })
        return preparedPost(service.url, `${path}/search`, body)
      })
      let found = 0
      const warm = { connections, rounds: 1 }
      await preparedLoad(service.url, requests, warm, (request, body) => {
        const { exact, matches } = JSON.parse(body) as Answer
        if (exact) throw new Error('expected answers of the graph, got an exact one')
        for (const { id } of matches) if (truth[request]!.has(Number(id.slice(1)))) found++
      })
      const load = await preparedLoad(service.url, requests, { connections, rounds })
      const recall = found / (bench.queries.length * bench.k)
      measured.push({ ef, connections, recall, ...load })
    }
    return measured
  } finally {
    await service.stop()
  }
}

async function graphReady(service: RunningService, path: string): Promise<void> {
  for (;;) {
    const { graph } = await service.json<Status>('GET', path)
    if (graph.kind === 'ready' && graph.fresh === 0) return
    await new Promise((done) => setTimeout(done, 500))
  }
}
