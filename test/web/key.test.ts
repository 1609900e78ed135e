import assert from 'node:assert/strict'
import { test } from 'node:test'
import { servePage, until, withoutBrowser } from '../support/browser.ts'
import { emoji } from '../support/images.ts'

const options = { skip: withoutBrowser }
const { open, url } = servePage({ LOOKALIKE_API_KEYS: 'page:write:correct-horse-battery-staple' })

test('a key is asked for, kept for the tab alone, and opens pictures too', options, async () => {
  const headers = { authorization: 'Bearer correct-horse-battery-staple' }
  await fetch(`${url()}/v1/collections/locked`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ keep: 'thumbnail' }),
  })
  await fetch(`${url()}/v1/collections/locked/images/cat`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'image/png' },
    body: new Uint8Array(emoji('google', '1f431')),
  })
  const page = await open('#/collections/locked')
  await page.fill('input[name=key]', 'wrong')
  await page.click('text=Go on')
  await page.waitForSelector('input[name=key]')
  await page.fill('input[name=key]', 'correct-horse-battery-staple')
  await page.click('text=Go on')
  await page.waitForSelector('button[aria-label=cat] img')
  const width = "document.querySelector('button[aria-label=cat] img').naturalWidth"
  await until(async () => Number(await page.evaluate(width)) > 0)
  assert.equal(await page.evaluate('localStorage.length'), 0)
  const other = await page.context().newPage()
  await other.goto(`${url()}/#/collections/locked`)
  await other.waitForSelector('input[name=key]')
})

test('without a key the page says so, and begins again when one is given', options, async () => {
  const page = await open('#/collections')
  await page.waitForSelector('dialog')
  // A browser closes a dialog at the second one whatever the page says.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.waitForSelector('main [role=alert]')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.click('.toast >> text=Key')
  await page.fill('input[name=key]', 'correct-horse-battery-staple')
  await page.click('text=Go on')
  await page.waitForSelector('main >> text=New collection')
  await until(async () => (await page.locator('[role=alert]').count()) === 0)
})
