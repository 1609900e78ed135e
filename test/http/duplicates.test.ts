import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import sharp from 'sharp'
import { serveOverHttp } from '../support/serve-over-http.ts'

const base = '/v1/collections/images'

const send = serveOverHttp()

test('an image that was encoded again is found again, and a replaced one is not', async () => {
  assert.equal((await send('PUT', base, {})).status, 201)
  const drawing = readFileSync('examples/emoji/animal-mammal/fox_face.google.png')
  const white = sharp(drawing).flatten({ background: '#ffffff' })
  const other = readFileSync('examples/emoji/transport-air/rocket.google.png')
  const images = {
    fox: drawing,
    'fox small': await white.clone().resize(40).jpeg().toBuffer(),
    'fox wide': await white.clone().resize(200, 100, { fit: 'fill' }).webp().toBuffer(),
    rocket: other,
  }
  for (const [id, bytes] of Object.entries(images)) {
    const path = `${base}/images/${encodeURIComponent(id)}`
    const sent = await send('PUT', path, new Uint8Array(bytes), {
      'content-type': 'image/png',
    })
    assert.equal(sent.status, 201)
  }
  const vector = Array.from({ length: 1280 }, () => 1)
  await send('POST', `${base}/vectors`, { points: [{ id: 'alone', vector }] })
  const request = { by: 'fingerprint', radius: 4 }
  const found = await send('POST', `${base}/duplicates`, request)
  assert.deepEqual(found.body, {
    groups: [{ ids: ['fox', 'fox small', 'fox wide'], complete: true }],
    exact: true,
    complete: true,
    cursor: null,
    without: 1,
  })
  const { body } = await send('GET', `${base}/images/fox`)
  assert.match(body.image.fingerprint, /^[0-9a-f]{16}$/)

  await send('PUT', `${base}/images/fox`, new Uint8Array(other), {
    'content-type': 'image/png',
  })
  const { groups } = (await send('POST', `${base}/duplicates`, request)).body
  assert.deepEqual(
    groups.map(({ ids }: { ids: string[] }) => ids),
    [
      ['fox', 'rocket'],
      ['fox small', 'fox wide'],
    ],
  )
  const same = await send('POST', `${base}/duplicates`, { by: 'embedding', radius: 0 })
  assert.deepEqual(same.body.groups, [{ ids: ['fox', 'rocket'], complete: true }])
})

test('a request without a radius, or of another kind, is refused', async () => {
  for (const body of [
    { by: 'fingerprint' },
    { by: 'sound', radius: 1 },
    { by: 'embedding', radius: -1 },
  ]) {
    assert.equal((await send('POST', `${base}/duplicates`, body)).status, 400)
  }
})
