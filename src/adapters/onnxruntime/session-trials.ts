import type { Batcher } from '../../embedding/batcher.ts'
import type { Clock } from '../../scheduling/timers.ts'
import { type Image, joinedPixels, type ModelSession } from './model-session.ts'

interface Trial {
  /** What gives the wide session its batches: trials have their turns between these. */
  readonly batcher: Batcher<Image, Float32Array>
  /** The session that a single image has, on all processors. */
  readonly wide: ModelSession
  readonly imageBytes: number
  readonly clock: Clock
  /** Ends the trial before its next batch. */
  readonly signal: AbortSignal
}

const ROUNDS = 12
const ROUNDS_OF_BATCHES = 4
/** About the milliseconds for which searches may wait for one batch that is tried. */
const MOST_MS_A_BATCH = 100
/** What takes more memory has to take less than this share of the time. */
const WORTH_IT = 0.95

/**
 * Tries one session against others that run at once. The least time that any of the others takes counts: that all have
 * their processors at the same moment is rare where something else runs.
 * @returns whether the others embed more images a second together, and give the same bits.
 * @throws the reason of the signal.
 */
export async function areFaster(
  others: readonly ModelSession[],
  { batcher, wide, imageBytes, clock, signal }: Trial,
): Promise<boolean> {
  const image = madeImage(0, imageBytes)
  const least = { wide: Number.POSITIVE_INFINITY, other: Number.POSITIVE_INFINITY }
  for (let round = 0; round < ROUNDS; round++) {
    signal.throwIfAborted()
    const same = await batcher.alone(async () => {
      const started = clock()
      const wanted = await wide.run(1, image.slice())
      least.wide = Math.min(least.wide, clock() - started)
      const { ms, areSame } = await runAtOnce(others, [image], [wanted], clock)
      least.other = Math.min(least.other, ms)
      return areSame
    })
    if (!same) return false
  }
  return least.other / others.length < least.wide * WORTH_IT
}

/**
 * Finds the size of batch, of powers of two up to `most`, that takes sessions at once least time an image. A larger one takes more
 * memory, and has to save a twentieth. In no smaller batch may an image have other bits than alone.
 * @throws the reason of the signal.
 */
export async function fastestBatchAtOnce(
  sessions: readonly ModelSession[],
  most: number,
  { batcher, imageBytes, clock, signal }: Trial,
): Promise<number> {
  const images: Uint8Array[] = []
  const wanted: Float32Array[] = []
  const first = sessions[0]!
  /** Runs the first so many images once. @returns infinite milliseconds where bits are others, or sessions cannot do it. */
  const msOf = async (batch: number) => {
    signal.throwIfAborted()
    while (images.length < batch) {
      const image = madeImage(images.length, imageBytes)
      images.push(image)
      wanted.push(await batcher.alone(() => first.run(1, image.slice())))
    }
    try {
      const run = () => runAtOnce(sessions, images.slice(0, batch), wanted, clock)
      const { ms, areSame } = await batcher.alone(run)
      return areSame ? ms : Number.POSITIVE_INFINITY
    } catch {
      return Number.POSITIVE_INFINITY
    }
  }
  let best = { batch: 1, ms: Number.POSITIVE_INFINITY }
  for (let batch = 1; batch <= most; batch *= 2) {
    let least = Number.POSITIVE_INFINITY
    // Every size up to this one may be given to a session.
    for (let size = batch / 2 + 1; size < batch; size++) {
      if ((await msOf(size)) === Number.POSITIVE_INFINITY) return best.batch
    }
    for (let round = 0; round < ROUNDS_OF_BATCHES; round++) {
      const ms = await msOf(batch)
      if (ms === Number.POSITIVE_INFINITY) return best.batch
      least = Math.min(least, ms)
    }
    if (least / batch < best.ms * WORTH_IT) best = { batch, ms: least / batch }
    if (2 * least > MOST_MS_A_BATCH) break
  }
  return best.batch
}

/**
 * Runs a batch in all sessions at once.
 * @param wanted the vector of each image; there may be more of them than images.
 * @returns the least milliseconds of any, and whether all give the wanted bits.
 */
async function runAtOnce(
  sessions: readonly ModelSession[],
  images: readonly Uint8Array[],
  wanted: readonly Float32Array[],
  clock: Clock,
): Promise<{ ms: number; areSame: boolean }> {
  const dimensions = wanted[0]!.length
  const isWanted = (value: number, i: number) =>
    Object.is(value, wanted[Math.floor(i / dimensions)]![i % dimensions])
  const started = clock()
  let ms = Number.POSITIVE_INFINITY
  const same = sessions.map(async ({ run }) => {
    const got = await run(images.length, joinedPixels(images))
    ms = Math.min(ms, clock() - started)
    return got.length === images.length * dimensions && got.every(isWanted)
  })
  return { areSame: (await Promise.all(same)).every(Boolean), ms }
}

/** Makes an image of many colours. Others have other ranges, so that a model that scales a batch as a whole shows it. */
function madeImage(number: number, imageBytes: number): Uint8Array<ArrayBuffer> {
  const range = 251 - 31 * (number % 8)
  return Uint8Array.from({ length: imageBytes }, (_, i) => (number + i * 7919) % range)
}
