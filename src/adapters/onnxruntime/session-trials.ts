import type { Batcher } from '../../embedding/batcher.ts'
import type { Clock } from '../../scheduling/timers.ts'
import type { Image, ModelSession } from './model-session.ts'

interface Trial {
  /** What gives the wide session its batches: trials have their turns between these. */
  readonly batcher: Batcher<Image, Float32Array>
  /** The session that a single image has, on all processors. */
  readonly wide: ModelSession
  readonly imageBytes: number
  readonly clock: Clock
}

const ROUNDS = 12
const ROUNDS_OF_BATCHES = 4
/** The milliseconds for which searches may wait for one batch that is tried. */
const MOST_MS_A_BATCH = 100
/** The share of the time of what takes less memory that something may take. */
const WORTH_IT = 0.95

/**
 * Tries one session against others that run at once. The least time that any of the others takes counts: that all have
 * their processors at the same moment is rare where something else runs.
 * @returns whether the others embed more images a second together, and give the same bits.
 */
export async function areFaster(
  others: readonly ModelSession[],
  { batcher, wide, imageBytes, clock }: Trial,
): Promise<boolean> {
  const image = madeImages(1, imageBytes)
  const least = { wide: Number.POSITIVE_INFINITY, other: Number.POSITIVE_INFINITY }
  for (let round = 0; round < ROUNDS; round++) {
    const same = await batcher.alone(async () => {
      const started = clock()
      const wanted = await wide.run(1, image.slice())
      const between = clock()
      least.wide = Math.min(least.wide, between - started)
      const same = others.map(async ({ run }) => {
        const got = await run(1, image.slice())
        least.other = Math.min(least.other, clock() - between)
        return sameBits(got, wanted)
      })
      return (await Promise.all(same)).every(Boolean)
    })
    if (!same) return false
  }
  return least.other / others.length < least.wide * WORTH_IT
}

/**
 * Finds the size of batch, of powers of two up to `most`, that takes a session least time an image: a larger one, which takes more
 * memory, only where it saves a twentieth, and gives the bits that each image has alone.
 */
export async function fastestBatchOf(
  { run }: ModelSession,
  most: number,
  { batcher, imageBytes, clock }: Trial,
): Promise<number> {
  const images = madeImages(most, imageBytes)
  const wanted: Float32Array[] = []
  for (let i = 0; i < most; i++) {
    const image = images.slice(i * imageBytes, (i + 1) * imageBytes)
    wanted.push(await batcher.alone(() => run(1, image)))
  }
  let best = { batch: 1, ms: Number.POSITIVE_INFINITY }
  for (let batch = 1; batch <= most; batch *= 2) {
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < ROUNDS_OF_BATCHES; round++) {
      const same = await batcher.alone(async () => {
        const started = clock()
        const got = await run(batch, images.slice(0, batch * imageBytes))
        least = Math.min(least, clock() - started)
        return sameBits(got, joined(wanted.slice(0, batch)))
      })
      if (!same) return best.batch
    }
    const ms = least / batch
    if (ms < best.ms * WORTH_IT) best = { batch, ms }
    if (2 * least > MOST_MS_A_BATCH) break
  }
  return best.batch
}

/** Makes images of many colours, each another. */
function madeImages(count: number, imageBytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count * imageBytes }, (_, i) => (i * 7919) % 251)
}

function sameBits(got: Float32Array, wanted: Float32Array): boolean {
  return got.length === wanted.length && got.every((value, i) => Object.is(value, wanted[i]))
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  return Float32Array.from(vectors.flatMap((vector) => [...vector]))
}
