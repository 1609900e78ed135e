import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { servePage, until, withoutBrowser } from '../support/browser.ts'
import { emoji } from '../support/images.ts'

const options = { skip: withoutBrowser }
const { open, send, url } = servePage()

test('a training is started, shown as it goes, compared, and used', options, async () => {
  const seed = 7
  const random = seededRandom(seed)
  await send('PUT', '/v1/collections/taught', { identityField: 'label' })
  // One picture makes it a collection of the model; the rest are made vectors of its size.
  await fetch(`${url()}/v1/collections/taught/images/cat`, {
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    body: new Uint8Array(emoji('google', '1f431')),
  })
  const answer = await send('GET', '/v1/collections/taught')
  const { dimensions } = (await answer.json()) as { dimensions: number }
  const points = Array.from({ length: 12 }, (_, label) => {
    const centre = Array.from({ length: dimensions }, () => gaussian(random))
    return Array.from({ length: 12 }, (_, i) => ({
      id: `${label}-${i}`,
      vector: centre.map((value) => value + gaussian(random)),
      metadata: { label: `class ${label}` },
    }))
  }).flat()
  const stored = await send('POST', '/v1/collections/taught/vectors', { points })
  assert.equal(stored.status, 200, await stored.text())
  const page = await open('#/learning/taught')
  await page.fill('input[name=name]', 'taught-by-page')
  await page.fill('input[name=steps]', '20')
  await page.getByRole('button', { name: 'Train' }).click()
  await page.waitForSelector('table')
  assert.ok((await page.locator('svg polyline').count()) >= 2)
  assert.equal(await page.locator('tbody tr').count(), 4)
  await page.click('text=Use this model')
  await page.waitForSelector('text=The collection is searched by the new model now.')
  await until(async () => {
    const now = await send('GET', '/v1/collections/taught')
    return ((await now.json()) as { model: string }).model === 'taught-by-page'
  })
})
