import { quantile } from './report.ts'
import type { RunningService } from './running-service.ts'

/** Of a service at one moment; sizes in bytes. */
export interface MemorySample {
  readonly ms: number
  readonly resident: number
  /** Of the main thread: its heap, and what lies beside it, array buffers among that. */
  readonly heap: number
  readonly external: number
  readonly records: number
}

export async function memorySample(
  service: RunningService,
  ms: number,
  collection: string,
): Promise<MemorySample> {
  const text = await (await fetch(`${service.url}/metrics`)).text()
  const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
  const path = `/v1/collections/${collection}`
  const { count } = await service.json<{ count: number }>('GET', path)
  return {
    ...{ ms, resident: service.memoryBytes(), records: count },
    heap: metric('nodejs_heap_size_total_bytes'),
    external: metric('nodejs_external_memory_bytes'),
  }
}

/** Bytes by which the last minute is above the second; shorter than three minutes, of the halves after the first. Medians. */
export function growthOf(samples: readonly MemorySample[]): number {
  const last = samples.at(-1)?.ms ?? 0
  const window = Math.min(60_000, (last - 60_000) / 2)
  const median = (from: number) => {
    const within = samples.filter(({ ms }) => ms >= from && ms <= from + window)
    return quantile(
      within.map(({ resident }) => resident),
      0.5,
    )
  }
  return median(last - window) - median(60_000)
}
