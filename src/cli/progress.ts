import { Presets, SingleBar } from 'cli-progress'
import type { EmbeddingProgress } from '../training/data/embed-files.ts'
import { countsText, type ImageCounts, imagesDone } from '../training/data/image-counts.ts'

const LINE_EVERY_MS = 5000

/** Shows a bar with rate and time left on a terminal, a line every few seconds elsewhere, both on standard error. */
export function startProgress(total: number, options: { quiet: boolean }): EmbeddingProgress {
  if (options.quiet || total === 0) return { update() {}, stop() {} }
  return process.stderr.isTTY === true ? startBar(total) : startLines(total)
}

/** Passes on one call in five seconds at most, the first after five: for work that holds the thread, so that no timer would fire. */
export function everyFewSeconds<Args extends unknown[]>(
  notice: (...args: Args) => void,
): (...args: Args) => void {
  let last = performance.now()
  return (...args) => {
    if (performance.now() - last < LINE_EVERY_MS) return
    last = performance.now()
    notice(...args)
  }
}

function startBar(total: number): EmbeddingProgress {
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: '{bar} {value}/{total} images | {rate}/s | {eta_formatted} left | {outcomes}',
      etaBuffer: 200,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  )
  const started = performance.now()
  bar.start(total, 0, { rate: '-', outcomes: '' })
  return {
    update(counts) {
      const { done, rate } = speedOf(counts, started)
      bar.update(done, { rate: rate.toFixed(1), outcomes: countsText(counts) })
    },
    stop: () => bar.stop(),
  }
}

function startLines(total: number): EmbeddingProgress {
  const started = performance.now()
  let counts: ImageCounts = {}
  const timer = setInterval(() => {
    const { done, rate } = speedOf(counts, started)
    const left = rate > 0 ? `, about ${Math.ceil(Math.max(0, total - done) / rate)} s left` : ''
    const outcomes = countsText(counts)
    const so = outcomes === '' ? '' : `: ${outcomes}`
    process.stderr.write(`${done} of ${total} images, ${rate.toFixed(1)}/s${left}${so}\n`)
  }, LINE_EVERY_MS)
  timer.unref()
  return {
    update(now) {
      counts = { ...now }
    },
    stop: () => clearInterval(timer),
  }
}

/** `rate` is in images a second since the start. */
function speedOf(counts: ImageCounts, started: number) {
  const done = imagesDone(counts)
  return { done, rate: (done * 1000) / Math.max(1, performance.now() - started) }
}
