import type { GraphBench } from './graph-bench.ts'
import { type PreparedLoad, preparedLoad, preparedPost } from './prepared-load.ts'
import { RunningService } from './running-service.ts'

/** The searches of one measurement, and how a request gives its vector. */
interface WantedLoad {
  readonly form: 'list' | 'base64'
  readonly ef: number
  readonly connections: number
}

export interface MeasuredLoad extends PreparedLoad, WantedLoad {
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

/** The service on the records of the benchmark, as a process of its own, searched by vector. */
export async function measureOverHttp(
  bench: GraphBench,
  truth: readonly ReadonlySet<number>[],
  loads: readonly WantedLoad[],
  rounds: number,
): Promise<readonly MeasuredLoad[]> {
  const service = await RunningService.start(bench.dataFolder)
  try {
    const path = `/v1/collections/${bench.collection}`
    await graphReady(service, path)
    const measured: MeasuredLoad[] = []
    for (const { form, ef, connections } of loads) {
      const requests = bench.queries.map((vector) => {
        const wanted = { k: bench.k, accuracy: 'approximate', ef }
        const body = JSON.stringify({ query: { vector: FORMS[form](vector) }, ...wanted })
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
      measured.push({ form, ef, connections, recall, ...load })
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
