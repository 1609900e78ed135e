import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServer, type TestServer } from '../support/http.ts'

const bytes = Buffer.from('0123456789')
let server: TestServer
let url: string

before(async () => {
  const collection = { content: async () => ({ bytes, mediaType: 'image/png' }) }
  server = await startServer({ get: () => collection } as never)
  url = `${server.origin}/v1/collections/c/images/a/content`
})

after(() => server.server.close())

test('an image that the client has is not sent again', async () => {
  const first = await fetch(url)
  const tag = first.headers.get('etag')!
  assert.match(tag, /^"[\w-]{43}"$/)
  assert.equal(first.headers.get('cache-control'), 'private, no-cache')
  assert.equal(await first.text(), '0123456789')
  for (const known of [tag, `"other", W/${tag}`, '*']) {
    const again = await fetch(url, { headers: { 'if-none-match': known } })
    assert.deepEqual([again.status, await again.text()], [304, ''], known)
  }
  const other = await fetch(url, { headers: { 'if-none-match': '"other"' } })
  assert.deepEqual([other.status, await other.text()], [200, '0123456789'])
})

test('a part of an image is sent as its own status and range', async () => {
  const part = await fetch(url, { headers: { range: 'bytes=2-4' } })
  assert.deepEqual(
    [part.status, part.headers.get('content-range'), part.headers.get('content-length')],
    [206, 'bytes 2-4/10', '3'],
  )
  assert.equal(await part.text(), '234')
})

test('a part of an image that has changed is the whole of the new one', async () => {
  const headers = { range: 'bytes=2-4', 'if-range': '"what it was"' }
  const whole = await fetch(url, { headers })
  assert.deepEqual([whole.status, await whole.text()], [200, '0123456789'])
})

test('a range behind the end is refused with the size', async () => {
  const answer = await fetch(url, { headers: { range: 'bytes=10-' } })
  assert.deepEqual([answer.status, answer.headers.get('content-range')], [416, 'bytes */10'])
  assert.equal(((await answer.json()) as { code: string }).code, 'RANGE_NOT_SATISFIABLE')
})
