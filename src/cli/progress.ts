import { Presets, SingleBar } from 'cli-progress'
import type { IndexCounts } from './index/index-folder.ts'

const LINE_EVERY_MS = 5000

/** Shows how far the work is. */
export interface Progress {
  update(counts: IndexCounts): void
  stop(): void
}

/**
 * A bar with rate and time left on a terminal, a line every few seconds elsewhere, both on standard
 * error so that standard output stays the result.
 */
export function startProgress(total: number, options: { quiet: boolean }): Progress {
  if (options.quiet || total === 0) return { update() {}, stop() {} }
  return process.stderr.isTTY === true ? startBar(total) : startLines(total)
}

function doneOf({ added, skipped, refused }: IndexCounts): number {
  return added + skipped + refused
}

function startBar(total: number): Progress {
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: '{bar} {value}/{total} images | {rate}/s | {eta_formatted} left | {refused} refused',
      etaBuffer: 200,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  )
  const started = performance.now()
  bar.start(total, 0, { rate: '-', refused: 0 })
  return {
    update(counts) {
      const done = doneOf(counts)
      bar.update(done, { rate: rateOf(done, started).toFixed(1), refused: counts.refused })
    },
    stop: () => bar.stop(),
  }
}

function startLines(total: number): Progress {
  const started = performance.now()
  let counts: IndexCounts = { added: 0, skipped: 0, refused: 0 }
  const timer = setInterval(() => {
    const done = doneOf(counts)
    const rate = rateOf(done, started)
    const left = rate > 0 ? `, about ${Math.ceil(Math.max(0, total - done) / rate)} s left` : ''
    const refused = counts.refused > 0 ? `, ${counts.refused} refused` : ''
    process.stderr.write(`${done} of ${total} images, ${rate.toFixed(1)}/s${left}${refused}\n`)
  }, LINE_EVERY_MS)
  timer.unref()
  return {
    update(now) {
      counts = { ...now }
    },
    stop: () => clearInterval(timer),
  }
}

/** Images a second since the start. */
function rateOf(done: number, started: number): number {
  return (done * 1000) / Math.max(1, performance.now() - started)
}
