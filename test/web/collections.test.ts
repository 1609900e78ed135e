import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { servePage, until, withoutBrowser } from '../support/browser.ts'
import { emoji } from '../support/images.ts'

const options = { skip: withoutBrowser }
const { open, send } = servePage()

test('from nothing to the first own picture found, by what the page says', options, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-mine-'))
  try {
    mkdirSync(join(folder, 'cats'))
    writeFileSync(join(folder, 'cats', 'grey cat.png'), emoji('google', '1f431'))
    writeFileSync(join(folder, 'pig.png'), emoji('google', '1f437'))
    writeFileSync(join(folder, 'broken.png'), emoji('google', '1f437').subarray(0, 300))
    writeFileSync(join(folder, 'letter.txt'), 'no picture')
    const page = await open('')
    await page.click('main >> text=New collection')
    await page.fill('input[name=name]', 'mine')
    await page.click('text=Create')
    await page.setInputFiles('input[webkitdirectory]', folder)
    await page.waitForSelector('text=1 failed')
    assert.match((await page.textContent('details'))!, /broken\.png: /)
    await page.waitForSelector('text=cats/grey cat.png')
    await page.getByText('Search', { exact: true }).first().click()
    await page.waitForSelector('text=Find pictures that look alike')
    await page.setInputFiles('input[type=file] >> nth=0', {
      name: 'asked.png',
      mimeType: 'image/png',
      buffer: emoji('twitter', '1f431'),
    })
    await page.waitForSelector('ol.grid .name')
    assert.equal(await page.textContent('ol.grid .name'), 'cats/grey cat.png')
    const record = await send('GET', '/v1/collections/mine/images/cats%2Fgrey%20cat.png')
    assert.deepEqual(((await record.json()) as { metadata: unknown }).metadata, { label: 'cats' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('two folders that are dropped at once keep their names apart', options, async () => {
  await send('PUT', '/v1/collections/folders', {})
  const page = await open('#/collections/folders')
  await page.waitForSelector('section.drop')
  const base64 = emoji('google', '1f431').toString('base64')
  // No script may make entries of folders, so they are played.
  await page.evaluate(`{
    const bytes = Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0))
    const picture = (name) => ({
      name, isFile: true, isDirectory: false,
      file: (give) => give(new File([bytes], name, { type: 'image/png' })),
    })
    const lost = { name: 'lost.png', isFile: true, file: (give, fail) => fail(new Error('gone')) }
    const folder = (name, inner) => ({
      name, isFile: false, isDirectory: true,
      createReader: () => ({ readEntries: (give) => give(inner.splice(0)) }),
    })
    const entries = [
      folder('cats', [lost, picture('1.png')]),
      folder('dogs', [picture('1.png'), folder('old', [picture('1.png')])]),
    ]
    const event = new Event('drop', { bubbles: true })
    const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }))
    event.dataTransfer = { items, files: [] }
    document.querySelector('section.drop').dispatchEvent(event)
  }`)
  await page.waitForSelector('text=3 of 3 stored')
  assert.match((await page.textContent('section.drop [role=alert]'))!, /1 could.*cats\/lost\.png/)
  const stored = await send('GET', '/v1/collections/folders/images')
  const { records } = (await stored.json()) as { records: { id: string }[] }
  const ids = records.map(({ id }) => id)
  assert.deepEqual(ids, ['cats/1.png', 'dogs/1.png', 'dogs/old/1.png'])
})

test('metadata that is edited is stored, also members that were taken away', options, async () => {
  await send('PUT', '/v1/collections/edited', { dimensions: 2 })
  const metadata = { old: 1, kept: 'yes', none: null, deep: { gone: 1, stays: 2 } }
  const points = [{ id: 'one', vector: [1, 0], metadata }]
  await send('POST', '/v1/collections/edited/vectors', { points })
  const page = await open('#/collections/edited')
  await page.click('button[aria-label=one]')
  await page.waitForSelector('textarea')
  // What another one writes meanwhile is not written over.
  await send('PATCH', '/v1/collections/edited/images/one', { metadata: { other: 'new' } })
  const text = '{ "kept": "no", "new": [1, 2], "none": null, "deep": { "stays": 2 } }'
  await page.fill('textarea', text)
  await page.click('text=Save')
  await page.waitForSelector('dialog', { state: 'detached' })
  const record = await send('GET', '/v1/collections/edited/images/one')
  assert.deepEqual(((await record.json()) as { metadata: unknown }).metadata, {
    kept: 'no',
    new: [1, 2],
    none: null,
    deep: { stays: 2 },
    other: 'new',
  })
})

test('what is deleted can be taken back until the view is left', options, async () => {
  await send('PUT', '/v1/collections/fewer', { dimensions: 2 })
  const points = ['a', 'b', 'c'].map((id, i) => ({ id, vector: [1, i] }))
  await send('POST', '/v1/collections/fewer/vectors', { points })
  const page = await open('#/collections/fewer')
  for (const id of ['a', 'b']) {
    await page.click(`button[aria-label=${id}]`)
    await page.click('dialog >> text=Delete')
    await page.waitForSelector(`button[aria-label=${id}]`, { state: 'detached' })
  }
  await page.click('text=Undo')
  await page.waitForSelector('button[aria-label=b]')
  const count = async () => {
    const answer = await send('GET', '/v1/collections/fewer')
    return ((await answer.json()) as { count: number }).count
  }
  assert.equal(await count(), 3)
  await page.click('nav >> text=Jobs')
  while ((await count()) === 3) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(await count(), 2)
  assert.equal((await send('GET', '/v1/collections/fewer/images/b')).status, 200)
})

test('what waits to be deleted still waits after an upload', options, async () => {
  await send('PUT', '/v1/collections/patient', {})
  const [image, other] = [emoji('google', '1f431'), emoji('google', '1f437')]
  const page = await open('#/collections/patient')
  const store = async (name: string, buffer: Buffer) => {
    const file = { name, mimeType: 'image/png', buffer }
    await page.setInputFiles('input[accept]', file)
    await page.waitForSelector(`button[aria-label="${name}"]`)
  }
  await store('a.png', image)
  await page.click('button[aria-label="a.png"]')
  await page.click('dialog >> text=Delete')
  await store('b.png', other)
  assert.equal(await page.locator('button[aria-label="a.png"]').count(), 0)
  assert.equal((await send('GET', '/v1/collections/patient/images/a.png')).status, 200)
  await page.click('text=Undo')
  await page.waitForSelector('button[aria-label="a.png"]')
})

test('what could not be deleted is said in the view that follows', options, async () => {
  await send('PUT', '/v1/collections/firm', { dimensions: 2 })
  await send('POST', '/v1/collections/firm/vectors', { points: [{ id: 'a', vector: [1, 0] }] })
  const page = await open('#/collections/firm')
  await page.route('**/images/delete', (route) => route.abort())
  await page.click('button[aria-label=a]')
  await page.click('dialog >> text=Delete')
  await page.click('nav >> text=Jobs')
  await page.waitForSelector('text=1 were not deleted')
})

test('leaving the page deletes what waits', options, async () => {
  await send('PUT', '/v1/collections/left', { dimensions: 2 })
  await send('POST', '/v1/collections/left/vectors', { points: [{ id: 'a', vector: [1, 0] }] })
  const page = await open('#/collections/left')
  await page.click('button[aria-label=a]')
  await page.click('dialog >> text=Delete')
  await page.goto('about:blank')
  await until(async () => (await send('GET', '/v1/collections/left/images/a')).status === 404)
})

test('records come page by page as the end is reached', options, async () => {
  await send('PUT', '/v1/collections/long', { dimensions: 2 })
  const points = Array.from({ length: 500 }, (_, i) => ({ id: `r${1000 + i}`, vector: [1, i] }))
  await send('POST', '/v1/collections/long/vectors', { points })
  const page = await open('#/collections/long')
  await page.waitForSelector('button[aria-label=r1000]')
  while ((await page.locator('text=That is all.').count()) === 0) {
    await page.mouse.wheel(0, 5000)
    await page.waitForTimeout(50)
  }
  assert.equal(await page.locator('.grid .name').count(), 500)
})

test('a job is shown with its state', options, async () => {
  await send('PUT', '/v1/collections/judged', { dimensions: 2, identityField: 'who' })
  const points = Array.from({ length: 40 }, (_, i) => ({
    id: `p${i}`,
    vector: [Math.cos(i), Math.sin(i)],
    metadata: { who: `w${i % 8}` },
  }))
  await send('POST', '/v1/collections/judged/vectors', { points })
  const page = await open('#/jobs')
  await send('POST', '/v1/collections/judged/evaluate', {})
  await page.waitForSelector('.badge.succeeded, .badge.failed')
  assert.equal(await page.textContent('.badge'), 'done')
})
