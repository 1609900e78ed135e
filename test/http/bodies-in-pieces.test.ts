import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { encoder } from '../support/images.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

const SEED = 3
const base = '/v1/collections/c'
let service: TestService
let server: TestServer
let image: Buffer
let noise: readonly Buffer[]

before(async () => {
  service = await openService()
  server = await startServer(service.collections, { limits: { maxBodyBytes: 1_000_000 } })
  await call(server, 'PUT', base, { keep: 'original' })
  const random = seededRandom(SEED)
  // Noise, which does not compress: bodies that come in several pieces.
  noise = await Promise.all(
    Array.from({ length: 6 }, () => {
      const pixels = Uint8Array.from({ length: 300 * 300 * 3 }, () => random() * 256)
      return encoder({ pixels, width: 300, height: 300 }).png().toBuffer()
    }),
  )
  image = noise[0]!
  assert.ok(image.length > 250_000)
})

after(async () => {
  await server.server.close()
  await service.close()
})

/** Sends a body in pieces that the server reads one by one. */
async function sendSlowly(client: RawClient, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    client.send(piece)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function cut(bytes: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  )
}

async function assertKept(id: string, image: Buffer): Promise<void> {
  const kept = await fetch(`${server.origin}${base}/images/${id}/content`)
  assert.ok(Buffer.from(await kept.arrayBuffer()).equals(image), `seed ${SEED}, ${id}`)
  const { body } = await call(server, 'GET', `${base}/images/${id}`)
  assert.equal(body.image.contentHash, createHash('sha256').update(image).digest('hex'))
  assert.equal(body.image.bytes, image.length)
}

test('an image that comes in pieces is hashed and kept to the byte', async () => {
  const type = { 'content-type': 'image/png' }
  const announced = new RawClient(server.port)
  announced.send(
    head('PUT', `${base}/images/announced`, { ...type, 'content-length': image.length }),
  )
  await sendSlowly(announced, cut(image, 17_001))
  assert.deepEqual(outcome(await announced.ended()), [201, undefined])
  await assertKept('announced', image)

  const chunked = new RawClient(server.port)
  chunked.send(head('PUT', `${base}/images/chunked`, { ...type, 'transfer-encoding': 'chunked' }))
  const chunks = cut(image, 30_011).map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
  )
  await sendSlowly(chunked, [...chunks, Buffer.from('0\r\n\r\n')])
  assert.deepEqual(outcome(await chunked.ended()), [201, undefined])
  await assertKept('chunked', image)
})

test('an image in a form is hashed and kept to the byte, beside others', async () => {
  const form = new FormData()
  for (const id of ['first', 'second']) {
    form.append('image', new Blob([new Uint8Array(image)], { type: 'image/png' }), id)
  }
  const { status } = await fetch(`${server.origin}${base}/images`, { method: 'POST', body: form })
  assert.equal(status, 200)
  await assertKept('first', image)
  await assertKept('second', image)
})

test('a body whose sender hangs up in the middle is not stored, and the room that it held is free', async (t) => {
  const small = await startServer(service.collections, {
    limits: { maxBodyBytes: 1_000_000, maxBodyBytesInFlight: 700_000 },
  })
  t.after(() => small.server.close())
  const send = (path: string) =>
    call(small, 'PUT', path, new Uint8Array(image), { 'content-type': 'image/png' })
  const cutOff = `${base}/images/cut`
  const headers = { 'content-type': 'image/png', 'content-length': image.length }
  const client = new RawClient(small.port).send(head('PUT', cutOff, headers))
  client.send(image.subarray(0, image.length - 1))
  // While it is held there is no room for another.
  while ((await send(`${base}/images/beside`)).status !== 503) {}
  client.socket.destroy()
  let status = 503
  while (status === 503) status = (await send(`${base}/images/after`)).status
  assert.equal(status, 201)
  assert.equal((await call(small, 'GET', cutOff)).status, 404)
})

test('images that come at the same time, while others are cut off, are kept each to its byte', async () => {
  const type = { 'content-type': 'image/png' }
  await Promise.all(
    noise.map(async (bytes, i) => {
      for (let round = 0; round < 3; round++) {
        const cutOff = new RawClient(server.port)
        const headers = { ...type, 'content-length': bytes.length }
        cutOff.send(head('PUT', `${base}/images/cut-${i}`, headers))
        await sendSlowly(cutOff, cut(bytes.subarray(0, bytes.length - 1000 * i - 1), 40_000))
        cutOff.socket.destroy()
        const client = new RawClient(server.port)
        client.send(head('PUT', `${base}/images/noise-${i}`, headers))
        await sendSlowly(client, cut(bytes, 20_000 + 3000 * i))
        assert.deepEqual(outcome(await client.ended()), [round === 0 ? 201 : 200, undefined])
      }
    }),
  )
  for (const [i, bytes] of noise.entries()) {
    await assertKept(`noise-${i}`, bytes)
    assert.equal((await call(server, 'GET', `${base}/images/cut-${i}`)).status, 404)
  }
})
