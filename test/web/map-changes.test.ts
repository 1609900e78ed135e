import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { servePage, until, withoutBrowser } from '../support/browser.ts'
import { emoji } from '../support/images.ts'
import { boxOf, inSight, painted, storeClouds } from '../support/map-page.ts'

const options = { skip: withoutBrowser }
const { open, send, url } = servePage()

let stored: Promise<void> | null = null
async function store(): Promise<void> {
  await storeClouds(send, 'clouds')
  await send('PUT', '/v1/collections/drawn', { keep: 'thumbnail' })
  for (const code of ['1f430', '1f34e']) {
    const body = new Uint8Array(emoji('google', code))
    const headers = { 'content-type': 'image/png' }
    await fetch(`${url()}/v1/collections/drawn/images/${code}`, { method: 'PUT', headers, body })
  }
}

async function openMap(path: string): Promise<Page> {
  stored ??= store()
  await stored
  const page = await open(path)
  await page.waitForSelector('.map')
  await until(async () => (await inSight(page)) > 0)
  return page
}

function focused(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement.className')
}

test('who has gone closer stays there, and comes back from elsewhere', options, async () => {
  const page = await openMap('#/map/clouds')
  await page.click('.map-legend >> text=right')
  await page.click('text=Go closer to them')
  assert.equal(await inSight(page), 50)
  // Neither another selection nor another field moves the map, nor what is drawn anew.
  await page.focus('.map')
  await page.keyboard.press('Escape')
  assert.equal(await inSight(page), 50)
  await page.click('.map-legend >> text=right')
  await page.keyboard.press('+')
  await page.focus('.map')
  await page.keyboard.press('+')
  await page.keyboard.press('+')
  const near = await inSight(page)
  assert.ok(near < 50, `${near}`)
  await page.fill('input[list]', 'i')
  await page.locator('input[list]').blur()
  await page.waitForSelector('.map-legend >> text=from 0')
  await page.click('text=Draw anew')
  assert.equal(await inSight(page), near)
  await page.click('text=Go closer to them')
  assert.equal(await inSight(page), 50)
})

test('one record alone is gone closer to', options, async () => {
  const page = await openMap('#/map/clouds')
  const all = await painted(page)
  await page.click('.map-legend >> text=no value')
  await page.waitForSelector('text=1 selected')
  await page.click('text=Go closer to them')
  assert.equal(await inSight(page), 1)
  const pixels = await painted(page)
  assert.ok(pixels > 10 && pixels < all, `${pixels} of ${all}`)
})

test('what is deleted is not pointed out, counted or named', options, async () => {
  await storeClouds(send, 'fewer')
  const ids = encodeURIComponent(JSON.stringify(['p100', 'p101', 'p160']))
  const page = await openMap(`#/map/fewer?near=${ids}`)
  await page.waitForSelector('text=3 of 3 neighbours are pointed out.')
  await page.click('.map-legend >> text=left')
  await page.click('section >> text=Delete')
  await page.waitForSelector('text=1 of 3 neighbours are pointed out.')
  await page.waitForSelector('.map-legend >> text=left (0)')
  await page.click('text=Show all')
  await page.waitForSelector('text=51 of 51 points are in sight.')
  assert.equal(await focused(page), '')
  await page.click('text=Undo')
  await page.waitForSelector('.map-legend >> text=left (50)')
})

test('what was pressed and is gone leaves the focus on the map', options, async () => {
  const page = await openMap('#/map/clouds')
  await page.click('.map-legend >> text=left')
  await page.click('button[aria-label="Neighbours: p100"]')
  await page.waitForSelector('text=12 of 12 neighbours are pointed out.')
  assert.equal(await focused(page), 'map')
  await page.click('text=Point out nothing')
  assert.equal(await focused(page), 'map')
  await page.click('.map-legend >> text=left')
  await page.click('text=Select nothing')
  assert.equal(await focused(page), 'map')
})

test('of two neighbourhoods that are asked for, the later counts', options, async () => {
  const page = await openMap('#/map/clouds')
  await page.click('.map-legend >> text=left')
  let asked = 0
  await page.route('**/search', async (route) => {
    if (asked++ === 0) await new Promise((done) => setTimeout(done, 1500))
    await route.continue().catch(() => undefined)
  })
  await page.click('button[aria-label="Neighbours: p100"]')
  await page.click('button[aria-label="Neighbours: p101"]')
  await page.waitForSelector('text=12 of 12 neighbours are pointed out.')
  await page.waitForTimeout(2000)
  assert.match(page.url(), /of=%5B%22p101%22%5D/)
})

test('Escape gives up a line that is being drawn', options, async () => {
  const page = await openMap('#/map/clouds')
  const { x, y, width, height } = await boxOf(page)
  await page.click('text=Lasso')
  await page.mouse.move(x + width * 0.01, y + height * 0.1)
  await page.mouse.down()
  await page.mouse.move(x + width * 0.4, y + height * 0.1, { steps: 3 })
  await page.focus('.map')
  await page.keyboard.press('Escape')
  await page.mouse.move(x + width * 0.4, y + height * 0.9, { steps: 3 })
  await page.mouse.move(x + width * 0.01, y + height * 0.9, { steps: 3 })
  await page.mouse.up()
  assert.equal(await page.getAttribute('text=Lasso', 'aria-pressed'), 'false')
  assert.equal(await inSight(page), 101)
  assert.equal(await page.locator('text=Go closer to them').count(), 0)
})

test('each record that is pointed at has its own picture, within the map', options, async () => {
  const page = await openMap('#/map/drawn')
  await page.setViewportSize({ width: 480, height: 800 })
  await inSight(page)
  const broken: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('undefined')) broken.push(request.url())
  })
  const { x, y, width, height } = await boxOf(page)
  // Two records lie at the left and the right end.
  for (const share of [0.06, 0.94, 0.06]) {
    await page.mouse.move(x + width * share, y + height / 2)
    await page.waitForSelector('.map-hover img')
    const id = await page.textContent('.map-hover span')
    assert.ok((await page.getAttribute('.map-hover img', 'src'))!.includes(`/images/${id}/`))
    const box = (await page.locator('.map-hover').boundingBox())!
    assert.ok(box.x >= x && box.x + box.width <= x + width, `${share}`)
    assert.ok(box.y >= y && box.y + box.height <= y + height, `${share}`)
  }
  // It is drawn anew without the record that is pointed at.
  const id = (await page.textContent('.map-hover span'))!
  await send('DELETE', `/v1/collections/drawn/images/${id}`)
  await page.evaluate(
    "Array.from(document.querySelectorAll('button')).find((one) => one.textContent === 'Draw anew').click()",
  )
  await page.waitForSelector('text=of 1 point is in sight')
  assert.deepEqual(broken, [])
})

test('a map without a field comes back without one', options, async () => {
  const page = await openMap('#/map/clouds')
  await page.fill('input[list]', '')
  await page.locator('input[list]').blur()
  await page.waitForSelector('.map-legend', { state: 'detached' })
  const again = await openMap(new URL(page.url()).hash)
  assert.equal(await again.locator('.map-legend').count(), 0)
  assert.equal(await again.inputValue('input[list]'), '')
})
