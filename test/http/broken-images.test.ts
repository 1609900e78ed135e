import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapBounded } from '../../src/scheduling/map-bounded.ts'
import { ODD_IMAGES } from '../odd-images/all.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const base = '/v1/collections/broken'
const STATUS = { UNDECODABLE_IMAGE: 422, NOT_AN_IMAGE: 415 }

const send = serveOverHttp()

test('broken uploads, 16 at a time, are each answered with their own fault', async () => {
  assert.equal((await send('PUT', base, {})).status, 201)
  await mapBounded(ODD_IMAGES, 16, async ({ name, make, want }) => {
    if (want.kind !== 'refused') return
    const file = new Uint8Array(await make())
    const answer = await send('PUT', `${base}/images/${name}`, file, {
      'content-type': 'image/png',
    })
    assert.equal(answer.status, STATUS[want.code], name)
    assert.ok(answer.body.detail.includes(want.says), `${name}: ${answer.body.detail}`)
  })
  assert.equal((await send('GET', base)).body.count, 0)
})

test('a searched image is refused in the same words, as JSON too', async () => {
  for (const { name, make, want } of ODD_IMAGES.slice(-40)) {
    if (want.kind !== 'refused') continue
    const data = Buffer.from(await make()).toString('base64')
    const answer = await send('POST', `${base}/search`, { query: { image: { data } } })
    assert.equal(answer.status, STATUS[want.code], name)
    assert.ok(answer.body.detail.includes(want.says), `${name}: ${answer.body.detail}`)
  }
})
