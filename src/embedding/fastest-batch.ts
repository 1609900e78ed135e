import type { Clock } from '../scheduling/timers.ts'

interface BatchTrial {
  /** The images of the largest batch that may be chosen. */
  readonly largest: number
  readonly clock: Clock
  readonly run: (batch: number) => Promise<unknown>
}

/** The runs of one size; the first shows nothing, as memory is taken then. */
const RUNS = 4
const BUDGET_MS = 500
/** The share of the time of a smaller batch that a larger one may take: it makes callers wait longer. */
const WORTH_IT = 0.9

/**
 * Finds the size of batch, of powers of two, that takes least time an image: a larger one only where it is a tenth
 * faster. It tries sizes in order for about half a second, and twice as long at most for the last of them.
 */
export async function fastestBatch({ largest, clock, run }: BatchTrial): Promise<number> {
  const started = clock()
  let best = { batch: 1, ms: Number.POSITIVE_INFINITY }
  for (let batch = 1; batch <= largest; batch *= 2) {
    let leastMs = Number.POSITIVE_INFINITY
    for (let i = 0; i < RUNS; i++) {
      const before = clock()
      await run(batch)
      if (i > 0) leastMs = Math.min(leastMs, (clock() - before) / batch)
    }
    if (leastMs < best.ms * WORTH_IT) best = { batch, ms: leastMs }
    // The next size takes about twice as long as all before it.
    if (clock() - started > BUDGET_MS / 2) break
  }
  return best.batch
}
