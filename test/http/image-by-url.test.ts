import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { guardedUrlFetcher } from '../../src/adapters/url-fetch/guarded-url-fetcher.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { emoji } from '../support/images.ts'
import { openService, type TestService } from '../support/service.ts'

const apple = emoji('google', '1f34e')
const MAX_BYTES = 3 * apple.byteLength

let service: TestService
let server: TestServer
let imageServer: Server
let url: string

before(async () => {
  imageServer = createServer((request, response) => {
    if (request.url === '/apple.png') response.setHeader('content-type', 'image/png').end(apple)
    else response.setHeader('content-type', 'text/html').end('<p>nothing here</p>')
  })
  imageServer.listen(0, '127.0.0.1')
  await once(imageServer, 'listening')
  const { port } = imageServer.address() as AddressInfo
  url = `http://images.example:${port}`
  service = await openService()
  server = await startServer(service.collections, {
    urlFetcher: guardedUrlFetcher({
      maxBytes: MAX_BYTES,
      ports: [port],
      resolve: async () => ['127.0.0.1'],
      isAllowed: (address) => address === '127.0.0.1',
    }),
    limits: { maxBodyBytes: MAX_BYTES },
  })
  await call(server, 'PUT', '/v1/collections/c', {})
})

after(async () => {
  await server.server.close()
  await service.close()
  imageServer.close()
})

test('an image named by its URL is stored with its metadata, as if it had been sent', async () => {
  const path = '/v1/collections/c/images/apple'
  const body = { url: `${url}/apple.png`, metadata: { label: 'fruit' } }
  assert.equal((await call(server, 'PUT', path, body)).status, 201)
  const sent = { data: apple.toString('base64') }
  assert.equal((await call(server, 'PUT', '/v1/collections/c/images/sent', sent)).status, 201)
  const [byUrl, bySending] = await Promise.all(
    ['apple', 'sent'].map((id) =>
      call(server, 'GET', `/v1/collections/c/images/${id}?include=vector`),
    ),
  )
  assert.deepEqual(byUrl!.body.metadata, { label: 'fruit' })
  assert.deepEqual(byUrl!.body.image, bySending!.body.image)
  assert.deepEqual(byUrl!.body.vector, bySending!.body.vector)
})

test('a search takes URLs as an image, as views and as examples, beside bytes', async () => {
  const image = { url: `${url}/apple.png` }
  const sent = { data: apple.toString('base64') }
  await call(server, 'PUT', '/v1/collections/c/images/apple', sent)
  for (const query of [
    { image },
    { images: [image, sent, image] },
    { positive: [{ image }, { id: 'apple' }], negative: [] },
  ]) {
    const answer = await call(server, 'POST', '/v1/collections/c/search', { query, k: 1 })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    assert.ok(answer.body.matches.length <= 1)
  }
  const found = await call(server, 'POST', '/v1/collections/c/search', { query: { image }, k: 1 })
  assert.ok(found.body.matches[0].similarity > 0.999)
})

test('images behind the URLs of a request are bounded together, as a body is', async () => {
  const images = Array.from({ length: 4 }, () => ({ url: `${url}/apple.png` }))
  const answer = await call(server, 'POST', '/v1/collections/c/search', { query: { images } })
  assert.deepEqual([answer.status, answer.body.code], [413, 'BODY_TOO_LARGE'])
})

const REFUSALS: [name: string, path: string, status: number, code: string][] = [
  ['a page', '/page', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['another port', ':22/', 400, 'URL_REFUSED'],
]
for (const [name, path, status, code] of REFUSALS) {
  test(`${name} in place of an image is ${code}`, async () => {
    const given = path.startsWith(':') ? `http://images.example${path}` : url + path
    const query = { image: { url: given } }
    const found = await call(server, 'POST', '/v1/collections/c/search', { query })
    assert.deepEqual([found.status, found.body.code], [status, code])
    const added = await call(server, 'PUT', '/v1/collections/c/images/x', { url: given })
    assert.deepEqual([added.status, added.body.code], [status, code])
  })
}
