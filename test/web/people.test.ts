import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { servePage, until, withoutBrowser } from '../support/browser.ts'
import { emoji } from '../support/images.ts'

const CODES = [
  '1f430',
  '1f431',
  '1f434',
  '1f436',
  '1f437',
  '1f34e',
  '1f34f',
  '1f345',
  '1f352',
  '1f697',
]
const options = { skip: withoutBrowser }
const { open, send, url } = servePage()

/** Makes a collection of drawings, each in two hands: what is drawn is the identity. */
let stored: Promise<void> | null = null
async function store(): Promise<void> {
  stored ??= (async () => {
    const fields = { keep: 'thumbnail', identityField: 'what', cameraField: 'hand' }
    await send('PUT', '/v1/collections/drawn', fields)
    for (const hand of ['google', 'twitter'] as const) {
      for (const code of CODES) {
        const metadata = encodeURIComponent(JSON.stringify({ what: code, hand }))
        const path = `/v1/collections/drawn/images/${code}.${hand}?metadata=${metadata}`
        const body = new Uint8Array(emoji(hand, code))
        const headers = { 'content-type': 'image/png' }
        const response = await fetch(url() + path, { method: 'PUT', headers, body })
        assert.equal(response.status, 201)
      }
    }
  })()
  await stored
}

function file(code: string) {
  return { name: 'mine.png', mimeType: 'image/png', buffer: emoji('google', code) }
}

test(
  'who it is stays undecided without thresholds, and is decided after calibration',
  options,
  async () => {
    await store()
    const page = await open('#/people/drawn')
    await page.setInputFiles('section[aria-label^="Who"] input[type=file] >> nth=0', file('1f431'))
    await page.waitForSelector('text=There are no thresholds yet.')
    await page.getByRole('button', { name: 'Calibrate' }).click()
    await page.waitForSelector('text=By the distance')
    assert.ok((await page.locator('section[aria-label=Thresholds] tbody tr').count()) >= 2)
    await page.waitForSelector('svg[aria-label="ROC curve"]')
    await until(async () => {
      const status = await page.textContent('section[aria-label^="Who"] [role=status] >> nth=-1')
      return status !== null && !status.includes('There are no thresholds')
    })
    assert.equal(await page.textContent('section[aria-label^="Who"] ol .name'), '1f431')
  },
)

test('two pictures of the same are the same, with the threshold', options, async () => {
  await store()
  await send('POST', '/v1/collections/drawn/calibrate', {})
  await until(async () => (await send('GET', '/v1/collections/drawn/calibration')).ok)
  const page = await open('#/people/drawn')
  const inputs = page.locator('section[aria-label^="Are these"] input[type=file]:not([capture])')
  await inputs.nth(0).setInputFiles(file('1f431'))
  await inputs.nth(1).setInputFiles(file('1f431'))
  await page.waitForSelector('text=Distance 0')
  const verdict = (await page.textContent('section[aria-label^="Are these"]'))!
  // So few drawings may leave a rate without a threshold.
  assert.match(verdict, /They are the same|There are no thresholds/)
})

test('of duplicates one is kept, and the others are deleted', options, async () => {
  await send('PUT', '/v1/collections/twice', { keep: 'thumbnail' })
  for (const id of ['a', 'b', 'c']) {
    await fetch(`${url()}/v1/collections/twice/images/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array(emoji('google', id === 'c' ? '1f697' : '1f431')),
    })
  }
  const page = await open('#/people/twice')
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    asked.push(dialog.message())
    return dialog.accept()
  })
  await page.click('text=Look for duplicates')
  await page.click('text=Keep this one alone >> nth=1')
  await until(async () => (await send('GET', '/v1/collections/twice/images/a')).status === 404)
  assert.equal((await send('GET', '/v1/collections/twice/images/b')).status, 200)
  assert.equal((await send('GET', '/v1/collections/twice/images/c')).status, 200)
  assert.match(asked.join(), /^Delete 1 of this group, and keep “b”/)
})

test('of a large group only what is shown is deleted', options, async () => {
  await send('PUT', '/v1/collections/many', { keep: 'none' })
  const body = new Uint8Array(emoji('google', '1f431'))
  for (let i = 0; i < 62; i++) {
    const path = `/v1/collections/many/images/${100 + i}`
    await fetch(url() + path, { method: 'PUT', headers: { 'content-type': 'image/png' }, body })
  }
  const page = await open('#/people/many')
  page.on('dialog', (dialog) => dialog.accept())
  await page.click('text=Look for duplicates')
  await page.click('text=48 more of this group')
  await page.click('text=Keep this one alone >> nth=20')
  await page.waitForSelector('text=48 more of this group', { state: 'detached' })
  const left = await send('GET', '/v1/collections/many/images')
  const { records } = (await left.json()) as { records: { id: string }[] }
  assert.deepEqual(
    records.map(({ id }) => id),
    ['120', '160', '161'],
  )
})

test('what is pasted goes to the box that was used last alone', options, async () => {
  await store()
  const page = await open('#/people/drawn')
  const boxes = page.locator('section[aria-label^="Are these"] section.drop')
  await boxes.nth(1).hover()
  const base64 = emoji('google', '1f431').toString('base64')
  await page.evaluate(`{
    const bytes = Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], 'mine.png', { type: 'image/png' }))
    dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer }))
  }`)
  await boxes.nth(1).locator('.subjects img').waitFor()
  assert.equal(await page.locator('.subjects img').count(), 1)
})

/** Makes a collection of people around points, calibrated: two of them have two names, and one of them none. */
let crowd: Promise<void> | null = null
async function storeCrowd(): Promise<void> {
  crowd ??= (async () => {
    const random = seededRandom(1843)
    const spec = { dimensions: 8, metric: 'euclidean', identityField: 'who', keep: 'none' }
    await send('PUT', '/v1/collections/crowd', spec)
    const points = Array.from({ length: 41 }, (_, person) => {
      const centre = Array.from({ length: 8 }, () => 3 * gaussian(random))
      return Array.from({ length: 6 }, (_, n) => ({
        id: `${person}/${n}`,
        vector: centre.map((x) => x + 0.2 * gaussian(random)),
        metadata: person === 40 ? {} : { who: `p${person}` },
      }))
    }).flat()
    await send('POST', '/v1/collections/crowd/vectors', { points })
    await send('POST', '/v1/collections/crowd/calibrate', {})
    await until(async () => (await send('GET', '/v1/collections/crowd/calibration')).ok)
    for (const person of [1, 2]) {
      for (const n of [3, 4, 5]) {
        const path = `/v1/collections/crowd/images/${encodeURIComponent(`${person}/${n}`)}`
        await send('PATCH', path, { metadata: { who: `p${person} too` } })
      }
    }
  })()
  await crowd
}

async function whoIs(id: string): Promise<unknown> {
  const answer = await send('GET', `/v1/collections/crowd/images/${encodeURIComponent(id)}`)
  return ((await answer.json()) as { metadata: { who?: unknown } }).metadata.who
}

test('identities that are one are made one, or kept apart for good', options, async () => {
  await storeCrowd()
  const page = await open('#/people/crowd')
  await page.waitForSelector('section[aria-label="Who and what is stored"] >> text=p1 too')
  const section = page.locator('section[aria-label="Probably the same one"]')
  await section.getByText('Look for identities').click()
  const of = (person: string) => section.locator('.cards > li').filter({ hasText: person })
  await of('p1 too').getByText('Make both p1').click()
  await of('p1 too').waitFor({ state: 'detached' })
  assert.deepEqual([await whoIs('1/0'), await whoIs('1/5')], ['p1', 'p1'])
  await of('p2 too').getByText('Not the same').click()
  await of('p2 too').waitFor({ state: 'detached' })
  const two = await send('GET', '/v1/collections/crowd/identities/p2')
  assert.deepEqual(((await two.json()) as { differs: unknown }).differs, ['p2 too'])
})

test('those without an identity are named together', options, async () => {
  await storeCrowd()
  const page = await open('#/people/crowd')
  const section = page.locator('section[aria-label="Without an identity"]')
  await section.getByText('Look for those').click()
  await section.locator('input[name=identity]').fill('newcomer')
  await section.getByText('Name them').click()
  await section.locator('.cards > li').waitFor({ state: 'detached' })
  assert.deepEqual([await whoIs('40/0'), await whoIs('40/5')], ['newcomer', 'newcomer'])
  await page.waitForSelector('section[aria-label="Who and what is stored"] >> text=newcomer')
})
