import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOverHttp } from '../support/serve-over-http.ts'

const send = serveOverHttp()

const POINTS = [
  { id: 'flat', vector: [1, 1], metadata: { 'tb_9.6.11': 'u1' } },
  { id: 'nested', vector: [2, 1], metadata: { tb_9: { '6': { '11': 'u1' } } } },
  { id: 'both', vector: [3, 1], metadata: { 'tb_9.6.11': 'u2', tb_9: { '6': { '11': 'u1' } } } },
  { id: 'list', vector: [4, 1], metadata: { colours: [{ name: 'red' }], tags: ['x', 'y'] } },
]
const FIELD = 'tb_9.6.11'

async function collection(name: string): Promise<string> {
  const path = `/v1/collections/${name}`
  await send('PUT', path, { dimensions: 2, metric: 'euclidean', identityField: FIELD })
  assert.equal((await send('POST', `${path}/vectors`, { points: POINTS })).status, 200)
  return path
}

test('filters, groups and identities find a field with dots by the same rule', async () => {
  const path = await collection('fields')
  const query = { vector: [0, 1] }
  for (const [filter, ids] of [
    [{ [FIELD]: 'u1' }, ['flat', 'nested']],
    [{ [FIELD]: 'u2' }, ['both']],
    [{ 'colours.name': 'red' }, ['list']],
    [{ 'tags.length': 2 }, []],
    [{ 'tags.0': 'x' }, []],
    [{ tags: 'x' }, ['list']],
  ] as const) {
    const found = await send('POST', `${path}/search`, { query, filter })
    const page = await send(
      'GET',
      `${path}/images?filter=${encodeURIComponent(JSON.stringify(filter))}`,
    )
    const matches = found.body.matches.map(({ id }: { id: string }) => id)
    const records = page.body.records.map(({ id }: { id: string }) => id)
    assert.deepEqual(matches, ids, JSON.stringify(filter))
    assert.deepEqual(new Set(records), new Set(ids), JSON.stringify(filter))
  }
  const grouped = await send('POST', `${path}/search`, { query, groupBy: FIELD })
  const groups = grouped.body.matches.map(({ id, group }: Record<string, string>) => [id, group])
  assert.deepEqual(groups, [
    ['flat', 'u1'],
    ['both', 'u2'],
  ])
  const listed = await send('POST', `${path}/search`, { query, groupBy: 'colours.name' })
  assert.deepEqual(listed.body.matches, [])
  const sets = await send('POST', `${path}/identities/search`, { query: { vectors: [[0, 1]] } })
  const identities = sets.body.identities.map(({ identity, records }: Record<string, unknown>) => [
    identity,
    records,
  ])
  assert.deepEqual(identities, [
    ['u1', 2],
    ['u2', 1],
  ])
})

test('deleting by a field with dots deletes what a search by it finds', async () => {
  const path = await collection('deletes')
  const deleted = await send('POST', `${path}/images/delete`, { filter: { [FIELD]: 'u1' } })
  assert.deepEqual(deleted.body, { deleted: 2 })
  const left = (await send('GET', `${path}/images`)).body.records
  assert.deepEqual(
    left.map(({ id }: { id: string }) => id),
    ['both', 'list'],
  )
})
