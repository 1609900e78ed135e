import { quantile } from './report.ts'

type Methods<T> = Readonly<Record<string, (round: number) => T>>

/**
 * Measures the median milliseconds of each method, divided by `queries`. The methods take turns, so that the state of
 * the machine is the same for all. Each has two rounds before the first one that counts.
 */
export function interleaved(
  methods: Methods<unknown>,
  rounds: number,
  queries: number,
): Record<string, number> {
  const times = new Map<string, number[]>()
  for (let round = -2; round < rounds; round++) {
    for (const [name, method] of Object.entries(methods)) {
      const started = performance.now()
      method(Math.max(0, round))
      if (round >= 0) keep(times, name, performance.now() - started)
    }
  }
  return medians(times, queries)
}

/** Does the same for methods that are asynchronous. */
export async function interleavedAsync(
  methods: Methods<Promise<unknown>>,
  rounds: number,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>()
  for (let round = -2; round < rounds; round++) {
    for (const [name, method] of Object.entries(methods)) {
      const started = performance.now()
      await method(Math.max(0, round))
      if (round >= 0) keep(times, name, performance.now() - started)
    }
  }
  return medians(times, 1)
}

function keep(times: Map<string, number[]>, name: string, ms: number): void {
  const earlier = times.get(name)
  if (earlier === undefined) times.set(name, [ms])
  else earlier.push(ms)
}

function medians(times: ReadonlyMap<string, number[]>, queries: number): Record<string, number> {
  return Object.fromEntries([...times].map(([name, all]) => [name, quantile(all, 0.5) / queries]))
}
