import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { startCommand } from './command-line.ts'

/** Where Debian has it, unless CHROMIUM names another. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why tests of the page are left out; false where Chromium is there. */
export const withoutBrowser = existsSync(CHROMIUM)
  ? false
  : `there is no ${CHROMIUM}: apt-get install chromium`

/** A browser at the page of a real service of its own. */
export interface PageUnderTest {
  readonly url: () => string
  /** Opens the page at a fragment, `#/search`, in a context of its own, in English unless told otherwise. */
  open(fragment: string, options?: Parameters<Browser['newContext']>[0]): Promise<Page>
  /** Calls the service beside the browser. */
  send(method: string, path: string, body?: unknown): Promise<Response>
  /** Stops the service. */
  stop(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
}

/** Starts the service as a user does, and a browser, from before the first test of a file until after its last. */
export function servePage(environment: Record<string, string> = {}): PageUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-page-'))
  let child: ReturnType<typeof startCommand> | undefined
  let browser: Browser
  let port = '0'
  const contexts: BrowserContext[] = []
  const start = async () => {
    child = startCommand(['serve', '--port', port, '--data', folder], environment)
    port = new URL(await addressIn(child)).port
    while (!(await fetch(`${url()}/readyz`)).ok) await wait(100)
  }
  const url = () => `http://127.0.0.1:${port}`
  const stop = async () => {
    child?.kill('SIGTERM')
    await child?.finished
  }
  before(async () => {
    if (withoutBrowser) return
    // Root has no sandbox of its own in a container.
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    await start()
  })
  after(async () => {
    for (const context of contexts) await context.close()
    await browser?.close()
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    url,
    async open(fragment, options = {}) {
      const context = await browser.newContext({ locale: 'en-GB', ...options })
      contexts.push(context)
      // Machines are slow and shared.
      context.setDefaultTimeout(60_000)
      const page = await context.newPage()
      await page.goto(`${url()}/${fragment}`)
      return page
    },
    send: (method, path, body) =>
      fetch(url() + path, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      }),
    stop,
    start,
  }
}

async function addressIn(child: ReturnType<typeof startCommand>): Promise<string> {
  let log = ''
  return await new Promise((resolve, reject) => {
    child.stdout!.on('data', (text: string) => {
      log += text
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(log)
      if (found) resolve(found[0])
    })
    child.finished.then(({ stdout, stderr }) => reject(new Error(`it ended: ${stdout} ${stderr}`)))
  })
}

/** Waits until something is so; a minute at most. */
export async function until(what: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`it never came: ${what}`)
    await wait(50)
  }
}
