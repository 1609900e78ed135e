import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser, type PageService, pageService, withoutBrowser } from './page-service.ts'

export { withoutBrowser } from './page-service.ts'

/** A browser at the page of a real service of its own. */
export interface PageUnderTest extends PageService {
  /** Opens the page at a fragment, `#/search`, in a context of its own, in English unless told otherwise. */
  open(fragment: string, options?: Parameters<Browser['newContext']>[0]): Promise<Page>
}

/** Starts the service as a user does, and a browser, from before the first test of a file until after its last. */
export function servePage(environment: Record<string, string> = {}): PageUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-page-'))
  const service = pageService(folder, environment)
  let browser: Browser
  const contexts: BrowserContext[] = []
  before(async () => {
    if (withoutBrowser) return
    browser = await launchBrowser()
    await service.start()
  })
  after(async () => {
    for (const context of contexts) await context.close()
    await browser?.close()
    await service.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    ...service,
    async open(fragment, options = {}) {
      const context = await browser.newContext({ locale: 'en-GB', ...options })
      contexts.push(context)
      // Machines are slow and shared.
      context.setDefaultTimeout(60_000)
      const page = await context.newPage()
      await page.goto(`${service.url()}/${fragment}`)
      return page
    },
  }
}

/** Waits until something is so; a minute at most. */
export async function until(what: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`it never came: ${what}`)
    await wait(50)
  }
}
