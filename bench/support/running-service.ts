import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const COMMAND = 'bin/lookalike.js'

/** The service as a process of its own. Closing it removes its data folder. */
export class RunningService {
  readonly url: string
  readonly dataFolder: string
  /** Milliseconds from the start of the process until it was ready. */
  readonly startMs: number
  readonly #child: ChildProcess

  private constructor(url: string, dataFolder: string, startMs: number, child: ChildProcess) {
    this.url = url
    this.dataFolder = dataFolder
    this.startMs = startMs
    this.#child = child
  }

  /** @param checkout the folder of a built checkout whose service it is. */
  static async start(
    dataFolder = mkdtempSync(join(tmpdir(), 'lookalike-bench-')),
    flags: readonly string[] = [],
    checkout = '.',
  ) {
    const started = performance.now()
    const child = spawn(
      process.execPath,
      [
        join(resolve(checkout), COMMAND),
        'serve',
        '--port',
        '0',
        '--data',
        dataFolder,
        '--log-level',
        'warn',
        ...flags,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'], cwd: resolve(checkout) },
    )
    const url = await waitFor(() => {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`)
      const file = join(dataFolder, 'service.json')
      // The file exists a moment before it is written.
      const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
      return text === '' ? null : (JSON.parse(text) as { url: string }).url
    })
    await waitFor(async () => ((await fetch(`${url}/readyz`)).ok ? true : null))
    return new RunningService(url, dataFolder, performance.now() - started, child)
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Reads the resident memory, in bytes. */
  memoryBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text === '' ? null : JSON.parse(text)) as T
  }

  /**
   * Reads the longest that the event loop was held since the last call, in milliseconds. The 10 ms of the timer that
   * measures it are included.
   */
  async eventLoopLagMs(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]) * 1000
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.kill('SIGTERM')
    await once(this.#child, 'exit')
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.dataFolder, { recursive: true, force: true })
  }
}

/** Runs a command of the product to its end, and returns its standard output. */
export async function lookalike(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0 && code !== 3) throw new Error(`lookalike ${args.join(' ')} ended with ${code}`)
  return Buffer.concat(chunks).toString()
}

async function waitFor<T>(probe: () => T | null | Promise<T | null>): Promise<T> {
  const deadline = performance.now() + 300_000
  while (performance.now() < deadline) {
    const found = await probe()
    if (found !== null) return found
    await new Promise((done) => setTimeout(done, 10))
  }
  throw new Error('the service was not ready within 5 minutes')
}
