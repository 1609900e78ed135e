import { quantile } from './report.ts'

export interface Load {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Makes `count` calls, `concurrency` of them at a time. The first failure ends them. */
export async function load(
  count: number,
  concurrency: number,
  call: (i: number) => Promise<unknown>,
): Promise<Load> {
  const times: number[] = []
  let next = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) {
        const i = next++
        const before = performance.now()
        await call(i)
        times.push(performance.now() - before)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  return { perSecond: count / seconds, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) }
}
