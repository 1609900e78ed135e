import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { servePage, until, withoutBrowser } from '../support/browser.ts'
import { emoji } from '../support/images.ts'

const options = { skip: withoutBrowser }
/** A training takes a minute where others work on the machine. */
const SLOWLY = { timeout: 140_000 }
// What is trained is put beside the models that there are.
const models = mkdtempSync(join(tmpdir(), 'lookalike-models-'))
if (!withoutBrowser) cpSync('models', models, { recursive: true })
const { open, send, stop, start, url } = servePage({ LOOKALIKE_MODELS: models })
after(() => rmSync(models, { recursive: true, force: true }))

async function store(name: string): Promise<void> {
  const random = seededRandom(7)
  await send('PUT', `/v1/collections/${name}`, { identityField: 'label' })
  // One picture makes it a collection of the model; the rest are made vectors of its size.
  await fetch(`${url()}/v1/collections/${name}/images/cat`, {
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    body: new Uint8Array(emoji('google', '1f431')),
  })
  const answer = await send('GET', `/v1/collections/${name}`)
  const { dimensions } = (await answer.json()) as { dimensions: number }
  const points = Array.from({ length: 12 }, (_, label) => {
    const centre = Array.from({ length: dimensions }, () => gaussian(random))
    return Array.from({ length: 12 }, (_, i) => ({
      id: `${label}-${i}`,
      vector: centre.map((value) => value + gaussian(random)),
      metadata: { label: `class ${label}` },
    }))
  }).flat()
  const stored = await send('POST', `/v1/collections/${name}/vectors`, { points })
  assert.equal(stored.status, 200, await stored.text())
}

test('a job that is watched is watched on after the service started again', options, async () => {
  await store('longer')
  const page = await open('#/learning/longer')
  await page.fill('input[name=name]', 'never-made')
  await page.fill('input[name=steps]', '10000')
  await page.getByRole('button', { name: 'Train' }).click()
  await page.waitForSelector('.badge.running', SLOWLY)
  await stop()
  await start()
  // The view learns of the end by the events of the job alone.
  const { jobs } = (await (await send('GET', '/v1/jobs')).json()) as { jobs: { id: string }[] }
  await send('DELETE', `/v1/jobs/${jobs[0]!.id}`)
  await page.waitForSelector('.badge.cancelled', SLOWLY)
})

test('a training is started, shown as it goes, compared, and used', options, async () => {
  await store('taught')
  const page = await open('#/learning/taught')
  await page.fill('input[name=name]', 'taught-by-page')
  await page.fill('input[name=steps]', '5')
  await page.getByRole('button', { name: 'Train' }).click()
  await page.waitForSelector('table', SLOWLY)
  assert.ok((await page.locator('svg polyline').count()) >= 2)
  assert.equal(await page.locator('tbody tr').count(), 4)
  // A head moves the vectors of pictures alone.
  const body = { filter: { label: { $exists: true } } }
  await send('POST', '/v1/collections/taught/images/delete', body)
  await page.click('text=Use this model')
  await page.waitForSelector('text=The collection is searched by the new model now.', SLOWLY)
  await until(async () => {
    const now = await send('GET', '/v1/collections/taught')
    return ((await now.json()) as { model: string }).model === 'taught-by-page'
  })
})
