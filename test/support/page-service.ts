import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { type Browser, chromium } from 'playwright-core'
import { startCommand } from './command-line.ts'

/** Where Debian has it, unless CHROMIUM names another. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why tests of the page are left out; false where Chromium is there. */
export const withoutBrowser = existsSync(CHROMIUM)
  ? false
  : `there is no ${CHROMIUM}: apt-get install chromium`

/** Starts Debian's Chromium. */
export async function launchBrowser(): Promise<Browser> {
  // Root has no sandbox of its own in a container.
  return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

/** A real service in a process of its own, started as a user does it. */
export interface PageService {
  readonly url: () => string
  /** Starts it, on the same port as before, and waits until it is ready. */
  start(): Promise<void>
  stop(): Promise<void>
  send(method: string, path: string, body?: unknown): Promise<Response>
}

/** @param folder where its data is. */
export function pageService(folder: string, environment: Record<string, string> = {}): PageService {
  let child: ReturnType<typeof startCommand> | undefined
  let port = '0'
  const url = () => `http://127.0.0.1:${port}`
  return {
    url,
    async start() {
      child = startCommand(['serve', '--port', port, '--data', folder], environment)
      port = new URL(await addressIn(child)).port
      while (!(await fetch(`${url()}/readyz`)).ok) await wait(100)
    },
    async stop() {
      child?.kill('SIGTERM')
      await child?.finished
    },
    send: (method, path, body) =>
      fetch(url() + path, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      }),
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
