import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { type Served, serveDataFolder } from '../served.ts'
import { assertAsShown, type Given } from './as-shown.ts'
import type { Example } from './code-blocks.ts'

/** The address that the documents show. */
const ADDRESS = 'http://127.0.0.1:8080'
const SERVES =
  /^((?:[A-Z_]+=\S+ )*)(?:npm ci && )?(?:npm start|npx lookalike serve|lookalike serve)((?: --\S+ \S+)*)(?: +#.*)?$/
const MAX_JOB_MS = 120_000
/** When a step is ended, from the start of its file of tests on: before the runner ends the file, after 300 s. */
const MAX_FILE_MS = 285_000
const PYTHON = process.env.PYTHON ?? 'python3'

/** A folder that looks like a checkout after `npm ci`, with data of its own. */
export interface Checkout {
  readonly folder: string
  readonly data: string
  readonly environment: Record<string, string>
}

export function makeCheckout(
  folder: string,
  linked: Readonly<Record<string, string>> = {},
): Checkout {
  const scope = join(folder, 'node_modules', '@lookalike-search')
  mkdirSync(scope, { recursive: true })
  symlinkSync(resolve('.'), join(scope, 'lookalike'))
  mkdirSync(join(folder, 'examples'))
  for (const part of ['emoji', 'recipes']) {
    symlinkSync(resolve('examples', part), join(folder, 'examples', part))
  }
  cpSync('models', join(folder, 'models'), { recursive: true })
  for (const [name, target] of Object.entries(linked)) symlinkSync(target, join(folder, name))
  const data = join(folder, 'index-data')
  const environment = { LOOKALIKE_DATA: data, LOOKALIKE_MODELS: join(folder, 'models') }
  return { folder, data, environment }
}

interface WalkOptions {
  readonly words?: Readonly<Record<string, string>>
  readonly anyNumber?: boolean
  /** What a command may take. */
  readonly limitMs?: number
}

/** Runs the examples of a document one after the other, as a reader would who pastes them. */
export class Walk {
  readonly #t: TestContext
  readonly #checkout: Checkout
  /** What the document writes, by what this machine has in its place. */
  readonly #given: Given
  readonly #anyNumber: boolean
  readonly #limitMs: number
  readonly #exports: string[] = []
  #service: Served | null = null

  /** @param options.words what the document writes, by what to take in its place. */
  constructor(
    t: TestContext,
    checkout: Checkout,
    { words = {}, anyNumber = false, limitMs = MAX_FILE_MS }: WalkOptions = {},
  ) {
    this.#t = t
    this.#checkout = checkout
    this.#given = new Map(Object.entries(words))
    this.#anyNumber = anyNumber
    this.#limitMs = limitMs
  }

  async run(example: Example): Promise<void> {
    const { document, line, kind } = example
    const text = this.#inPlace(example.text)
    const shown = this.#inPlace(example.shown)
    const about = `${document}:${line}: ${example.text}`
    if (kind === 'javascript' || kind === 'python') return await this.#program(kind, text, about)
    const [serves, variables = '', flags = ''] = SERVES.exec(text) ?? []
    if (serves !== undefined) return await this.serve(variables, flags, { shown, about })
    if (text.startsWith('export ')) this.#exports.push(text)
    if (text.includes('--data ')) await this.stop()
    const { status, printed } = await this.#bash(text, about)
    if (!/^lookalike: |^refused |urn:lookalike:problem:|"error": \{ "message"/m.test(shown)) {
      assert.equal(status, 0, `${about}\n${printed}`)
    }
    if (shown !== '') this.#compare(printed, shown, about)
    await this.#waitForJobs(about)
  }

  /** Starts the service as a document says, or as most expect it to run. */
  async serve(
    variables = '',
    flags = '',
    says?: { readonly shown: string; readonly about: string },
  ) {
    await this.stop()
    const pairs = variables.trim().split(' ').filter(Boolean)
    const own = Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]))
    const { data, environment, folder } = this.#checkout
    const root = own.LOOKALIKE_IMPORT_ROOT
    if (root !== undefined) own.LOOKALIKE_IMPORT_ROOT = resolve(folder, root)
    const args = flags.trim().split(' ').filter(Boolean)
    const about = says?.about ?? 'the service'
    const starts = serveDataFolder(this.#t, data, { ...environment, ...own }, args)
    this.#service = await this.#inTime(starts, about)
    const { url, log } = this.#service
    this.#given.set(ADDRESS, url)
    const end = Date.now() + this.#leftMs()
    while (!(await this.#inTime(fetch(`${url}/readyz`), about)).ok) {
      assert.ok(Date.now() < end, `${about}\nis not ready`)
      await new Promise((next) => setTimeout(next, 50))
    }
    if (says !== undefined && says.shown !== '') {
      const listening = log()
        .split('\n')
        .find((text) => text.includes('"msg":"listening"'))
      this.#compare(listening ?? '', this.#inPlace(says.shown), says.about)
    }
  }

  /** Stops the service, where one runs. */
  async stop(): Promise<void> {
    await this.#service?.stop()
    this.#service = null
  }

  #compare(printed: string, shown: string, about: string): void {
    assertAsShown(printed, shown, { given: this.#given, anyNumber: this.#anyNumber, about })
  }

  #inPlace(text: string): string {
    let made = text
    for (const [shown, real] of this.#given) made = made.replaceAll(shown, real)
    return made
  }

  async #bash(text: string, about: string) {
    const lookalike = `'${process.execPath}' '${resolve('dist/src/cli/lookalike.js')}'`
    const prepared = [
      'set -o pipefail',
      `lookalike() { ${lookalike} "$@"; }`,
      'npx() { [ "$1" = lookalike ] && shift && lookalike "$@"; }',
      'curl() { command curl -s --fail-with-body "$@"; }',
      ...this.#exports,
    ]
    // As in a terminal, where errors stand between what is printed.
    const script = `exec 2>&1\n${prepared.join('\n')}\n${text}\n`
    return await this.#finished('bash', ['-c', script], about)
  }

  async #program(kind: 'javascript' | 'python', text: string, about: string): Promise<void> {
    const file = join(this.#checkout.folder, kind === 'python' ? 'example.py' : 'example.mjs')
    writeFileSync(file, text)
    const program = kind === 'python' ? PYTHON : process.execPath
    if (kind === 'python' && spawnSync(PYTHON, ['-c', 'import httpx']).status !== 0) {
      this.#t.diagnostic(`not run, without httpx for Python: ${about.split('\n')[0]}`)
      return
    }
    const { status, printed } = await this.#finished(program, [file], about)
    assert.equal(status, 0, `${about}\n${printed}`)
  }

  async #finished(program: string, args: readonly string[], about: string) {
    const { folder: cwd, environment } = this.#checkout
    const env = { PATH: process.env.PATH, PYTHONPATH: resolve('clients/python'), ...environment }
    // In a group of its own, so that what it has started ends with it.
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => (printed += part))
    }
    const end = () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }
    const closed = once(child, 'close') as Promise<[number | null]>
    const [status] = await this.#inTime(closed, about, end)
    return { status, printed: printed.trim() }
  }

  #leftMs(): number {
    return Math.min(this.#limitMs, Math.round(MAX_FILE_MS - process.uptime() * 1000))
  }

  /** Waits for a step, and names it where it does not end. */
  async #inTime<T>(step: Promise<T>, about: string, end = () => {}): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const limitMs = this.#leftMs()
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        end()
        reject(new Error(`${about}\nhas not ended after ${limitMs / 1000} s`))
      }, limitMs)
    })
    return await Promise.race([step, late]).finally(() => clearTimeout(timer))
  }

  /** A reader looks at a job until it has ended before pasting on. */
  async #waitForJobs(about: string): Promise<void> {
    const end = Date.now() + MAX_JOB_MS
    while (this.#service !== null) {
      const answer = await this.#inTime(fetch(`${this.#service.url}/v1/jobs`), about)
      const { jobs } = (await answer.json()) as { jobs: readonly { readonly state: string }[] }
      if (!jobs.some(({ state }) => state === 'queued' || state === 'running')) return
      assert.ok(Date.now() < end, `a job of ${about} has not ended`)
      await new Promise((next) => setTimeout(next, 100))
    }
  }
}
