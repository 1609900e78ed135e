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

test('images that differ in colour alone are no duplicates, and plain ones are in no group', async () => {
  const shirts = '/v1/collections/shirts'
  await send('PUT', shirts, {})
  const shirt = (colour: readonly number[]) => {
    const pixels = new Uint8Array(200 * 200 * 3).fill(255)
    for (let y = 30; y < 170; y++) {
      const sleeves = y < 80 ? 90 - Math.abs(y - 60) : 40
      for (let x = 100 - sleeves; x < 100 + sleeves; x++) pixels.set(colour, (y * 200 + x) * 3)
    }
    return sharp(pixels, { raw: { width: 200, height: 200, channels: 3 } })
  }
  const plain = (background: string) =>
    sharp({ create: { width: 90, height: 90, channels: 3, background } })
      .png()
      .toBuffer()
  const red = shirt([200, 40, 40])
  // As bright (BT.601).
  const green = shirt([40, 123, 30])
  const images = {
    red: await red.clone().png().toBuffer(),
    'red again': await red.clone().resize(150).jpeg().toBuffer(),
    green: await green.png().toBuffer(),
    'plain red': await plain('#ff0000'),
    'plain blue': await plain('#0000ff'),
  }
  for (const [id, bytes] of Object.entries(images)) {
    const path = `${shirts}/images/${encodeURIComponent(id)}`
    await send('PUT', path, new Uint8Array(bytes), { 'content-type': 'image/png' })
  }
  const fingerprint = async (id: string) =>
    (await send('GET', `${shirts}/images/${id}`)).body.image.fingerprint
  assert.equal(await fingerprint('red'), await fingerprint('green'))
  const { body } = await send('POST', `${shirts}/duplicates`, { by: 'fingerprint', radius: 4 })
  assert.deepEqual(
    body.groups.map(({ ids }: { ids: string[] }) => ids),
    [['red', 'red again']],
  )
  assert.equal(body.without, 2)
  assert.equal(await fingerprint('plain%20red'), null)
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
