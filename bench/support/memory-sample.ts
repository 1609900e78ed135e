import { quantile } from './report.ts'
import type { RunningService } from './running-service.ts'

/** The memory of a service at one moment, in bytes. */
export interface MemorySample {
  /** Milliseconds since the load began. */
  readonly ms: number
  readonly resident: number
  /** The heap of the main thread. */
  readonly heap: number
  /** What the main thread has outside of its heap, array buffers included. */
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
    ms,
    resident: service.memoryBytes(),
    heap: metric('nodejs_heap_size_total_bytes'),
    external: metric('nodejs_external_memory_bytes'),
    records: count,
  }
}

/**
 * Computes the bytes by which the median of the last minute is above that of the second. Samples of less than three
 * minutes are compared by the halves of what follows the first minute.
 */
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
