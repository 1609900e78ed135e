import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIdentities, type IdentityValue } from '../../src/engine/identity-value.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 1871
const send = serveOverHttp()
const path = '/v1/collections/many'

async function pages(
  query: string,
  limit: number,
): Promise<{ identity: unknown; records: number }[]> {
  const found = []
  let cursor: string | null = null
  do {
    const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { status, body } = await send('GET', `${path}/identities?limit=${limit}${query}${from}`)
    assert.equal(status, 200, JSON.stringify(body).slice(0, 300))
    assert.ok(body.identities.length <= limit)
    found.push(...body.identities)
    cursor = body.cursor
  } while (cursor !== null)
  return found
}

test('the list has every identity with its number of records, as a count by hand says, after every write', async () => {
  await send('PUT', path, { dimensions: 2, metric: 'euclidean', identityField: 'who.name' })
  const random = seededRandom(SEED)
  const long = 'Äx'.repeat(600)
  const names = [
    true,
    false,
    7,
    -1.5,
    '7',
    '',
    'Ann',
    'ann',
    'Zoë',
    '😀',
    `${long}1`,
    `${long}2`,
    null,
  ]
  const stored = new Map<string, IdentityValue | null>()
  for (let step = 0; step < 12; step++) {
    const points = Array.from({ length: 10 }, () => {
      const id = `r${Math.floor(random() * 60)}`
      const name = names[Math.floor(random() * names.length)]!
      return { id, vector: [1, random()], metadata: { who: { name } } }
    }).filter(({ id }, i, all) => all.findIndex((other) => other.id === id) === i)
    await send('POST', `${path}/vectors`, { points })
    for (const { id, metadata } of points) stored.set(id, metadata.who.name)
    const gone = `r${Math.floor(random() * 60)}`
    await send('DELETE', `${path}/images/${gone}`)
    stored.delete(gone)
    const counts = new Map<IdentityValue, number>()
    for (const who of stored.values()) if (who !== null) counts.set(who, (counts.get(who) ?? 0) + 1)
    const wanted = [...counts].sort(([a], [b]) => compareIdentities(a, b))
    const found = await pages('', 1 + (step % 5))
    const listed = found.map(({ identity, records }) => [identity, records])
    const byPlace = (all: unknown[][]) => all.map((one) => JSON.stringify(one)).sort()
    assert.deepEqual(byPlace(listed), byPlace(wanted), `seed ${SEED}, step ${step}`)
    const short = ([who]: unknown[]) => String(who).length < 500
    assert.deepEqual(listed.filter(short), wanted.filter(short))
  }
})

test('identities are found by a part of their value, by their records and by their own metadata', async () => {
  const points = ['Anna', 'Hanna', 'Hanna', 'Bob'].map((name, i) => {
    return { id: `s${i}`, vector: [1, i], metadata: { who: { name } } }
  })
  await send('POST', `${path}/images/delete`, { filter: {} })
  await send('POST', `${path}/vectors`, { points })
  await send('PATCH', `${path}/identities/Bob`, { metadata: { team: { colour: 'red' } } })
  const found = async (query: string) => {
    const { body } = await send('GET', `${path}/identities?${query}`)
    return [body.total, ...body.identities.map(({ identity }: { identity: unknown }) => identity)]
  }
  const filter = (value: object) => `filter=${encodeURIComponent(JSON.stringify(value))}`
  assert.deepEqual(await found('text=ANN'), [2, 'Anna', 'Hanna'])
  assert.deepEqual(await found('text=ANN&limit=1'), [2, 'Anna'])
  assert.deepEqual(await found(filter({ records: { $gte: 2 } })), [1, 'Hanna'])
  assert.deepEqual(await found(filter({ 'metadata.team.colour': 'red' })), [1, 'Bob'])
  assert.deepEqual(await found(filter({ identity: { $gte: 'An', $lt: 'Ao' } })), [1, 'Anna'])
  await send('DELETE', `${path}/images/s3`)
  assert.deepEqual(await found(filter({ records: 0 })), [1, 'Bob'])
  await send('PATCH', `${path}/identities/Bob`, { metadata: { team: null } }).then(() => undefined)
  assert.deepEqual(await found('text=bob'), [0])
})

test('a list is refused with a cursor of another, or in a collection without identities', async () => {
  await send('PUT', '/v1/collections/plain', { dimensions: 2 })
  const { body } = await send('GET', `${path}/identities?limit=1`)
  const other = `${path}/identities?limit=1&text=x&cursor=${body.cursor}`
  const answers = [
    await send('GET', other),
    await send('GET', `${path}/identities?cursor=abc`),
    await send('GET', `${path}/identities?filter=x`),
    await send('GET', '/v1/collections/plain/identities'),
    await send('GET', '/v1/collections/plain/identities/history'),
    await send('GET', `${path}/identities/history?cursor=${body.cursor}`),
  ]
  assert.deepEqual(
    answers.map((answer) => answer.body.code),
    [
      ...['INVALID_CURSOR', 'INVALID_CURSOR', 'INVALID_FILTER'],
      ...['COLLECTION_WITHOUT_IDENTITIES', 'COLLECTION_WITHOUT_IDENTITIES', 'INVALID_CURSOR'],
    ],
  )
})
