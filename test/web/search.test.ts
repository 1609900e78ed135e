import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { servePage, until, withoutBrowser } from '../support/browser.ts'
import { emoji } from '../support/images.ts'

const ANIMALS = ['1f430', '1f431', '1f434', '1f436', '1f437', '1f43a'] as const
const GROCERIES = ['1f34e', '1f34f', '1f345', '1f352'] as const
const options = { skip: withoutBrowser }
const { open, send, url } = servePage()

function file(code: string, vendor: 'google' | 'twitter' = 'google') {
  return { name: `${code}.png`, mimeType: 'image/png', buffer: emoji(vendor, code) }
}

/** Makes a collection of drawings with their kind, once. */
let stored: Promise<void> | null = null
async function store(): Promise<void> {
  stored ??= (async () => {
    await send('PUT', '/v1/collections/drawings', { keep: 'thumbnail', identityField: 'kind' })
    for (const code of [...ANIMALS, ...GROCERIES]) {
      const kind = (ANIMALS as readonly string[]).includes(code) ? 'animal' : 'food'
      const metadata = encodeURIComponent(JSON.stringify({ kind, code }))
      const path = `/v1/collections/drawings/images/${code}?metadata=${metadata}`
      const body = new Uint8Array(emoji('google', code))
      const headers = { 'content-type': 'image/png' }
      const response = await fetch(url() + path, { method: 'PUT', headers, body })
      assert.equal(response.status, 201)
    }
  })()
  await stored
}

async function searchBy(page: Page, ...files: ReturnType<typeof file>[]): Promise<void> {
  await page.setInputFiles('input[type=file] >> nth=0', files)
  await page.waitForSelector('.how strong')
}

async function names(page: Page): Promise<string[]> {
  return await page.locator('ol.grid .name').allTextContents()
}

test(
  'a picture that is chosen finds the same drawing first, and says that the answer is exact',
  options,
  async () => {
    await store()
    const page = await open('#/search/drawings')
    await searchBy(page, file('1f431'))
    assert.equal((await names(page))[0], '1f431')
    assert.match((await page.textContent('.how'))!, /10 found.*exact.*Plan: scan/)
  },
)

test('a picture that is dropped or pasted is searched by', options, async () => {
  await store()
  for (const kind of ['drop', 'paste'] as const) {
    const page = await open('#/search/drawings')
    await page.waitForSelector('section.drop')
    const event =
      kind === 'drop'
        ? "document.querySelector('section.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer }))"
        : "dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer }))"
    const base64 = emoji('google', '1f352').toString('base64')
    await page.evaluate(`{
      const bytes = Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0))
      const transfer = new DataTransfer()
      transfer.items.add(new File([bytes], 'mine.png', { type: 'image/png' }))
      ${event}
    }`)
    await page.waitForSelector('ol.grid .name')
    assert.equal((await names(page))[0], '1f352', kind)
  }
})

test('the sliders of number and distance answer as they move', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  await page.locator('input[type=range]').first().fill('3')
  await until(async () => (await names(page)).length === 3)
  await page.locator('input[type=range]').nth(1).fill('0.05')
  await until(async () => (await names(page)).length === 1)
})

test('a filter that is built leaves what does not meet it', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  await page.click('text=Add a condition')
  await page.fill('input[aria-label=Field]', 'kind')
  await page.fill('input[aria-label=Value]', 'food')
  await until(async () => (await names(page)).length === 4)
  assert.deepEqual(new Set(await names(page)), new Set(GROCERIES))
})

test('one for each identity shows the best of each', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  await page.check('input[type=checkbox]')
  await until(async () => (await names(page)).length === 2)
  assert.equal((await names(page))[0], '1f431')
})

test('less like this moves a record back', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f34e'))
  await page.waitForSelector('ol.grid .name')
  const before = await names(page)
  const near = before[1]!
  const item = page.locator('ol.grid li').filter({ hasText: near }).first()
  await item.getByText('Less like this').click()
  await until(async () => (await names(page)).length === 9)
  assert.ok(!(await names(page)).includes(near))
})

test('a part of the picture is searched by after it was cut out', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  const before = await page.textContent('ol.grid li:first-child')
  await page.click('text=Crop')
  await page.focus('.crop')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Shift+ArrowUp')
  await page.click('text=Search by this part')
  await until(async () => (await page.textContent('ol.grid li:first-child')) !== before)
  await page.waitForSelector('dialog', { state: 'detached' })
})

test('a result stands beside the query for comparison', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  await page.locator('ol.grid li').first().getByText('Compare').click()
  assert.match((await page.textContent('dialog'))!, /Side by side.*1f431, Distance 0/)
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
})

test('the link of a search by records brings the same view back', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  await page.locator('ol.grid button.picture').nth(2).click()
  await page.locator('input[type=range]').first().fill('4')
  await until(async () => (await names(page)).length === 4)
  const again = await open(new URL(page.url()).hash)
  await until(async () => (await names(again)).length === 4)
  assert.deepEqual(await names(again), await names(page))
})

test('what is copied as curl gives the same answer', options, async () => {
  await store()
  const page = await open('#/search/drawings', {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await searchBy(page, file('1f431'))
  await page.locator('ol.grid button.picture').nth(1).click()
  await page.waitForSelector('text=Copy as curl')
  await until(async () => (await names(page)).length === 9)
  await page.click('text=Copy as curl')
  const copied = String(await page.evaluate('navigator.clipboard.readText()'))
  const body: unknown = JSON.parse(/-d '(.*)'$/.exec(copied)![1]!)
  const answer = await send('POST', '/v1/collections/drawings/search', body)
  const { matches } = (await answer.json()) as { matches: { id: string }[] }
  assert.deepEqual(
    matches.map(({ id }) => id),
    await names(page),
  )
})

test('a link to another search of the same collection is followed', options, async () => {
  await store()
  const link = (id: string) => `#/search/drawings?more=${encodeURIComponent(`["${id}"]`)}`
  const page = await open(link('1f431'))
  await page.waitForSelector('.subjects img[alt="1f431"]')
  await page.evaluate(`location.hash = '${link('1f34e')}'`)
  await page.waitForSelector('.subjects img[alt="1f34e"]')
  assert.equal(await page.locator('.subjects img').count(), 1)
})

test('a text that the browser may not copy is shown to be copied by hand', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  // As on a page by plain HTTP.
  await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
  await page.click('text=Copy link')
  await page.waitForSelector('.how input')
  assert.equal(await page.evaluate('getSelection().toString()'), page.url())
})

test('pictures that leave the query are given up, and all with the view', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await page.evaluate(`{
    window.held = new Set()
    const { createObjectURL, revokeObjectURL } = URL
    URL.createObjectURL = (file) => {
      const url = createObjectURL.call(URL, file)
      held.add(url)
      return url
    }
    URL.revokeObjectURL = (url) => {
      held.delete(url)
      revokeObjectURL.call(URL, url)
    }
  }`)
  await searchBy(page, file('1f431'), file('1f34e'))
  assert.equal(await page.evaluate('held.size'), 2)
  await page.click('.subjects button[aria-label^="Remove"] >> nth=0')
  await until(async () => (await page.evaluate('held.size')) === 1)
  await page.click('nav >> text=Jobs')
  await until(async () => (await page.evaluate('held.size')) === 0)
})

test('a picture is embedded anew when the collection has another model', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  const models: string[] = []
  let model = ''
  await page.route('**/v1/collections', async (route) => {
    const answer = await route.fetch()
    const { collections } = (await answer.json()) as { collections: { model: string }[] }
    const now = collections.map((one) => (model === '' ? one : { ...one, model }))
    await route.fulfill({ json: { collections: now } })
  })
  await page.route('**/v1/embeddings', async (route) => {
    models.push((route.request().postDataJSON() as { model: string }).model)
    await route.continue()
  })
  await searchBy(page, file('1f431'))
  model = 'another'
  await page.evaluate("dispatchEvent(new Event('focus'))")
  await until(async () => models.length === 2)
  assert.equal(models[1], 'another')
})

test('hits and values are counted, and a value that is clicked is a filter', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'))
  await page.click('text=Counts and values')
  await page.waitForSelector('text=food (4)')
  await page.locator('input[type=range]').nth(1).fill('0.05')
  await page.waitForSelector('text=1 are within the distance')
  await page.locator('input[type=range]').nth(1).fill('1.2')
  await page.click('text=food (4)')
  await until(async () => (await names(page)).length === 4)
  assert.deepEqual(new Set(await names(page)), new Set(GROCERIES))
})

test('results that differ from each other are those of the service', options, async () => {
  await store()
  const page = await open(`#/search/drawings?k=3&more=${encodeURIComponent('["1f431"]')}`)
  await page.waitForSelector('ol.grid .name')
  await page.locator('input[type=range]').nth(2).fill('0.8')
  const body = { query: { id: '1f431' }, k: 3, diversity: 0.8 }
  const answer = await send('POST', '/v1/collections/drawings/search', body)
  const { matches } = (await answer.json()) as { matches: { id: string }[] }
  const wanted = matches.map(({ id }) => id).join()
  await until(async () => (await names(page)).join() === wanted)
})

test('a collection that is not there is named, and another can be chosen', options, async () => {
  await store()
  const page = await open('#/search/nosuch')
  await page.waitForSelector('text=There is no collection “nosuch”.')
  await page.selectOption('main select', 'drawings')
  await page.waitForSelector('section.drop')
  assert.equal(await page.locator('[role=alert]').count(), 0)
})

test('an empty collection leads to where pictures are added', options, async () => {
  await send('PUT', '/v1/collections/void', {})
  const page = await open('#/search/void')
  await page.click('text=Add some')
  await page.waitForSelector('text=Drop a folder or pictures here')
})

test('starting over takes everything out of the query', options, async () => {
  await store()
  const page = await open('#/search/drawings')
  await searchBy(page, file('1f431'), file('1f34e'))
  await page.waitForSelector('text=Add another view of the same subject')
  await page.click('text=Start over')
  await page.waitForSelector('.subjects', { state: 'detached' })
  await searchBy(page, file('1f352'))
  await until(async () => (await names(page))[0] === '1f352')
})
