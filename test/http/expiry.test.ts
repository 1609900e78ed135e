import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_PNG } from '../../src/http/schemas/shared.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const send = serveOverHttp()
const FAR = '2199-12-31T23:59:59Z'
const DAY = 86_400

const expiryOf = async (path: string, id: string) =>
  (await send('GET', `${path}/images/${id}`)).body.expiresAt

test('every call that adds takes the time at which a record expires, and the record shows it', async () => {
  const path = '/v1/collections/pictures'
  assert.equal((await send('PUT', path, {})).body.retainFor, null)
  const png = Buffer.from(EXAMPLE_PNG, 'base64')
  const type = { 'content-type': 'image/png' }
  await send('PUT', `${path}/images/raw?expiresAt=${FAR}`, new Uint8Array(png), type)
  await send('PUT', `${path}/images/json`, { data: EXAMPLE_PNG, expiresAt: FAR })
  const form = (name: string) => {
    const made = new FormData()
    made.set('image', new File([png], name))
    made.set('expiresAt', '2200-01-01T01:59:59+02:00')
    return made
  }
  await send('PUT', `${path}/images/form`, form('a'))
  await send('POST', `${path}/images`, form('many'))
  await send('PUT', `${path}/images/none`, { data: EXAMPLE_PNG })
  for (const id of ['raw', 'json', 'form', 'many']) {
    assert.equal(await expiryOf(path, id), '2199-12-31T23:59:59.000Z', id)
  }
  assert.equal(await expiryOf(path, 'none'), undefined)
})

test('a collection retains for so long, and a record may ask for less', async () => {
  const path = '/v1/collections/retained'
  const spec = { dimensions: 2, retainFor: DAY }
  assert.equal((await send('PUT', path, spec)).body.retainFor, DAY)
  assert.equal((await send('PUT', path, spec)).status, 200)
  assert.equal((await send('PUT', path, { dimensions: 2 })).status, 409)
  const soon = new Date(Date.now() + 3_600_000).toISOString()
  const points = [
    { id: 'plain', vector: [1, 0] },
    { id: 'soon', vector: [1, 0], expiresAt: soon },
    { id: 'far', vector: [1, 0], expiresAt: FAR },
  ]
  await send('POST', `${path}/vectors`, { points })
  assert.equal(await expiryOf(path, 'soon'), soon)
  for (const id of ['plain', 'far']) {
    const left = Date.parse(await expiryOf(path, id)) - Date.now()
    assert.ok(left > (DAY - 600) * 1000 && left <= DAY * 1000, `${id}: ${left}`)
  }
})

test('what has expired is gone some seconds later', async () => {
  const path = '/v1/collections/brief'
  await send('PUT', path, { dimensions: 2 })
  const expiresAt = new Date(Date.now() + 2000).toISOString()
  const points = [
    { id: 'brief', vector: [1, 0], expiresAt },
    { id: 'long', vector: [1, 0] },
  ]
  const added = await send('POST', `${path}/vectors`, { points })
  assert.equal(added.status, 200, JSON.stringify(added.body))
  let count = 2
  while (count > 1) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    count = (await send('GET', path)).body.count
  }
  assert.ok(Date.now() >= Date.parse(expiresAt))
  const { body } = await send('POST', `${path}/search`, { query: { vector: [1, 0] } })
  assert.deepEqual(
    body.matches.map(({ id }: { id: string }) => id),
    ['long'],
  )
})

test('a time that is past, none, or without a zone is refused', async () => {
  const path = '/v1/collections/brief'
  for (const expiresAt of ['2020-01-01T00:00:00Z', '2199-12-31', '2199-12-31T10:00:00', 'soon']) {
    const points = [{ id: 'a', vector: [1, 0], expiresAt }]
    const { status, body } = await send('POST', `${path}/vectors`, { points })
    assert.deepEqual([status, body.code], [400, 'INVALID_REQUEST'], expiresAt)
    assert.match(body.detail, /expiresAt/)
  }
  assert.equal((await send('GET', `${path}/images/a`)).status, 404)
  for (const retainFor of [0, -1, 1.5, '1d']) {
    const { status } = await send('PUT', '/v1/collections/never', { dimensions: 2, retainFor })
    assert.equal(status, 400, String(retainFor))
  }
})
