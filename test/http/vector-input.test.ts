import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { gaussianVectors } from '../support/random-vectors.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 4
const PATH = '/v1/collections/points'

const send = serveOverHttp()

/** Written out, not by a view of the floats: the byte order must not be this machine's. */
function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [i, number] of vector.entries()) bytes.writeFloatLE(number, i * 4)
  return bytes.toString('base64')
}

test('a vector in base64 is stored and searched as the same numbers in a list', async () => {
  const vectors = gaussianVectors(seededRandom(SEED), 40, 5)
  await send('PUT', PATH, { dimensions: 5, metric: 'euclidean', identityField: 'who' })
  const points = vectors.map((vector, i) => {
    const metadata = { who: `w${i % 8}` }
    return { id: `p${i}`, vector: i % 2 === 0 ? base64(vector) : [...vector], metadata }
  })
  assert.equal((await send('POST', `${PATH}/vectors`, { points })).status, 200)
  for (const [i, vector] of vectors.entries()) {
    const record = (await send('GET', `${PATH}/images/p${i}?include=vector`)).body
    assert.deepEqual(record.vector, [...vector], `seed ${SEED}, vector ${i}`)
  }
  const [one, other] = gaussianVectors(seededRandom(SEED + 1), 2, 5)
  const answers = async (asText: boolean) => {
    const [a, b] = [one!, other!].map((vector) => (asText ? base64(vector) : [...vector]))
    const mixed = { positive: [{ vector: a }], negative: [{ vector: b }] }
    const found = [
      await send('POST', `${PATH}/search`, { query: { vector: a }, k: 7 }),
      await send('POST', `${PATH}/search`, { query: mixed, k: 7 }),
      await send('POST', `${PATH}/identities/search`, { query: { vectors: [a, b] }, k: 3 }),
    ]
    return found.map(({ body }) => body.matches)
  }
  assert.equal((await answers(true))[0].length, 7)
  assert.deepEqual(await answers(true), await answers(false), `seed ${SEED + 1}`)
})

test('the letters of URL-safe base64 and missing padding are taken', async () => {
  const path = '/v1/collections/letters'
  await send('PUT', path, { dimensions: 1, metric: 'euclidean' })
  const bytes = Buffer.from([0xfb, 0xff, 0x7e, 0x3f])
  assert.equal(bytes.toString('base64url'), '-_9-Pw')
  const points = [{ id: 'a', vector: '-_9-Pw' }]
  assert.equal((await send('POST', `${path}/vectors`, { points })).status, 200)
  const record = (await send('GET', `${path}/images/a?include=vector`)).body
  assert.deepEqual(record.vector, [bytes.readFloatLE(0)])
})

test('the longest vector is taken in lines of MIME', async () => {
  const path = '/v1/collections/lines'
  await send('PUT', path, { dimensions: 16_384, metric: 'euclidean' })
  const [vector] = gaussianVectors(seededRandom(SEED), 1, 16_384)
  const lines = base64(vector!).replace(/.{1,64}/g, (line) => `${line}\r\n`)
  const points = [{ id: 'a', vector: lines }]
  assert.equal((await send('POST', `${path}/vectors`, { points })).status, 200)
  const record = (await send('GET', `${path}/images/a?include=vector`)).body
  assert.deepEqual(record.vector, [...vector!], `seed ${SEED}`)
})
