import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { seriousFaults } from '../support/axe.ts'
import { servePage, until, withoutBrowser } from '../support/browser.ts'

const options = { skip: withoutBrowser }
const { open, send } = servePage()
const locked = servePage({
  LOOKALIKE_API_KEYS: 'reader:read:a-secret-that-reads,writer:write:a-secret-that-writes',
})

async function forgetAll(): Promise<void> {
  await send('DELETE', '/v1/collections/emoji')
}

/** Moves the focus on until it is at a text. */
async function pressUntil(page: Page, wanted: string): Promise<void> {
  await until(async () => {
    await page.keyboard.press('Tab')
    return (await page.evaluate('document.activeElement.textContent')) === wanted
  })
}

async function nearest(page: Page): Promise<string[]> {
  await page.waitForSelector('ol.grid .name')
  return await page.locator('ol.grid .name').allTextContents()
}

test('from an empty service to a first search by one click', options, async () => {
  const page = await open('')
  await page.click('text=Add the example pictures')
  await page.waitForSelector('h1:has-text("First steps")')
  // Whoever comes back to the window still sees how far it is, though the collection is there.
  await page.evaluate("dispatchEvent(new Event('focus'))")
  await page.waitForSelector('progress')
  const found = await nearest(page)
  assert.match(page.url(), /#\/search\/emoji\?more=/)
  assert.equal(await page.getAttribute('.subjects img', 'alt'), 'transport-ground/taxi.google.png')
  assert.match(found[0]!, /^transport-ground\//)
  await page.waitForSelector('.tip')
  const { count } = (await (await send('GET', '/v1/collections/emoji')).json()) as { count: number }
  assert.equal(count, 704)
})

test(
  'the offer is taken by the keyboard, in German, and made again where it is cancelled',
  options,
  async () => {
    await forgetAll()
    const page = await open('#/collections', { locale: 'de-DE' })
    await page.waitForSelector('text=Beispielbilder hinzufügen')
    await pressUntil(page, 'Beispielbilder hinzufügen')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=Danach beginnt die erste Suche von selbst.')
    // What waits is in the address: a page that is loaded anew waits on.
    await page.reload()
    await page.waitForSelector('text=Abbrechen')
    await pressUntil(page, 'Abbrechen')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=abgebrochen')
    await page.waitForSelector('text=Beispielbilder hinzufügen')
  },
)

test('axe finds nothing serious on the first page, in light and in dark', options, async () => {
  await forgetAll()
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open('', { colorScheme, bypassCSP: true })
    await page.waitForSelector('text=Add the example pictures')
    assert.deepEqual(await seriousFaults(page), [])
  }
})

test('the first page does not scroll sideways at 360 pixels', options, async () => {
  await forgetAll()
  const page = await open('', { viewport: { width: 360, height: 640 } })
  await page.waitForSelector('text=Add the example pictures')
  const width = await page.evaluate('document.documentElement.scrollWidth')
  assert.ok(Number(width) <= 360, String(width))
})

test(
  'who has a key that only reads is offered another key, and with it the pictures',
  options,
  async () => {
    const page = await locked.open('')
    await page.fill('input[name=key]', 'a-secret-that-reads')
    await page.click('text=Go on')
    await page.waitForSelector('text=You may search here, but not add pictures')
    assert.equal(await page.locator('text=Add the example pictures').count(), 0)
    await page.click('text=Enter a key')
    await page.fill('input[name=key]', 'a-secret-that-writes')
    await page.click('text=Go on')
    await page.waitForSelector('text=Add the example pictures')
  },
)
