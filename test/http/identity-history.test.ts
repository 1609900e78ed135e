import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

const path = '/v1/collections/people'
const keys = [
  { name: 'ops', scope: 'write', secret: 'o-secret', collections: null },
  { name: 'night', scope: 'write', secret: 'n-secret', collections: null },
] as const
let service: TestService
let server: TestServer

before(async () => {
  service = await openService()
  server = await startServer(service.collections, { keys, jobs: service.jobs })
})

after(async () => {
  await server.server.close()
  await service.close()
})

async function send(key: 'ops' | 'night', method: string, at: string, body?: unknown) {
  const headers = { authorization: `Bearer ${key[0]}-secret` }
  return await call(server, method, `${path}${at}`, body, headers)
}

async function begin(): Promise<void> {
  await send('ops', 'DELETE', '')
  await send('ops', 'PUT', '', { dimensions: 2, metric: 'euclidean', identityField: 'who' })
  const points = ['ann', 'ann', 'bob', 'bob'].map((who, i) => {
    return { id: `r${i}`, vector: [i, 1], metadata: { who } }
  })
  await send('ops', 'POST', '/vectors', { points })
}

async function who(): Promise<unknown[]> {
  const { body } = await send('ops', 'GET', '/images')
  return body.records.map((one: { metadata: { who?: unknown } }) => one.metadata.who ?? null)
}

test('the history says who changed what, and when, page by page', async () => {
  await begin()
  const from = new Date().toISOString()
  await send('ops', 'POST', '/identities/merge', { into: 'ann', from: ['bob'] })
  await send('night', 'PATCH', '/identities/ann', { identity: 'cat' })
  await send('night', 'PATCH', '/identities/cat', { metadata: { x: 1 } })
  await send('ops', 'POST', '/identities/assign', { ids: ['r0'], identity: 'dan' })
  await send('ops', 'POST', '/identities/undo', { change: 4 })
  const first = await send('ops', 'GET', '/identities/history?limit=3')
  const second = await send('ops', 'GET', `/identities/history?cursor=${first.body.cursor}`)
  assert.deepEqual([first.body.changes.length, second.body.cursor], [3, null])
  const changes = [...first.body.changes, ...second.body.changes]
  const common = { undoes: null, undoneBy: null }
  assert.deepEqual(
    changes.map(({ at, ...change }) => {
      assert.ok(at >= from && at <= new Date().toISOString())
      return change
    }),
    [
      { ...common, change: 5, by: 'ops', kind: 'undo', what: { change: 4 }, records: 1, undoes: 4 },
      {
        ...common,
        change: 4,
        by: 'ops',
        kind: 'assign',
        what: { identity: 'dan' },
        records: 1,
        undoneBy: 5,
      },
      {
        ...common,
        change: 3,
        by: 'night',
        kind: 'describe',
        what: { identity: 'cat' },
        records: 0,
      },
      {
        ...common,
        change: 2,
        by: 'night',
        kind: 'rename',
        what: { identity: 'ann', to: 'cat' },
        records: 4,
      },
      {
        ...common,
        change: 1,
        by: 'ops',
        kind: 'merge',
        what: { into: 'ann', from: ['bob'] },
        records: 2,
      },
    ],
  )
})

test('a change is undone only once all later ones of the same are, each of which is named', async () => {
  await begin()
  await send('ops', 'POST', '/identities/merge', { into: 'ann', from: ['bob'] })
  await send('night', 'POST', '/identities/assign', { ids: ['r3'], identity: 'eve' })
  await send('ops', 'POST', '/identities/assign', { ids: ['r0'], identity: 'dan' })
  const early = await send('ops', 'POST', '/identities/undo', { change: 1 })
  assert.deepEqual([early.status, early.body.code], [409, 'CHANGE_OVERTAKEN'])
  assert.match(early.body.detail, /change 2 \(assign, by key "night", 20/)
  // Of other records than the merge has changed.
  assert.equal((await send('ops', 'POST', '/identities/undo', { change: 2 })).status, 200)
  assert.deepEqual(await who(), ['dan', 'ann', 'ann', 'ann'])
  assert.equal((await send('ops', 'POST', '/identities/undo', { change: 1 })).status, 200)
  assert.deepEqual(await who(), ['dan', 'ann', 'bob', 'bob'])
  const cases: readonly [change: unknown, status: number, code: string, detail: RegExp][] = [
    [1, 409, 'CHANGE_OVERTAKEN', /change 5 undid/],
    [5, 400, 'INVALID_REQUEST', /which undid 1: make that change again/],
    [6, 404, 'CHANGE_NOT_FOUND', /no change 6/],
    [0, 400, 'INVALID_REQUEST', /change/],
    [1.5, 400, 'INVALID_REQUEST', /change/],
    ['1', 400, 'INVALID_REQUEST', /change/],
  ]
  for (const [change, status, code, detail] of cases) {
    const { body, ...answer } = await send('ops', 'POST', '/identities/undo', { change })
    assert.deepEqual([answer.status, body.code], [status, code], String(change))
    assert.match(JSON.stringify(body), detail)
  }
})

test('a change of records that were written since is not undone, but for those that were deleted', async () => {
  await begin()
  await send('ops', 'POST', '/identities/merge', { into: 'ann', from: ['bob'] })
  await send('ops', 'PATCH', '/images/r3', { metadata: { who: 'eve' } })
  const { status, body } = await send('ops', 'POST', '/identities/undo', { change: 1 })
  assert.deepEqual([status, body.code], [409, 'CHANGE_OVERTAKEN'])
  assert.match(body.detail, /"r3" to have "ann" as change 1 left it, got "eve"/)
  assert.deepEqual(await who(), ['ann', 'ann', 'ann', 'eve'])
  await send('ops', 'DELETE', '/images/r3')
  const undone = await send('ops', 'POST', '/identities/undo', { change: 1 })
  assert.deepEqual(undone.body, { change: 2, records: 1 })
  assert.deepEqual(await who(), ['ann', 'ann', 'bob'])
})

test('a change of own metadata is undone unless it was described again', async () => {
  await begin()
  await send('ops', 'PATCH', '/identities/ann', { metadata: { x: 1 } })
  await send('ops', 'POST', '/identities/merge', { into: 'bob', from: ['ann'] })
  await send('night', 'PATCH', '/identities/bob', { metadata: { y: 1 } })
  const { body } = await send('ops', 'POST', '/identities/undo', { change: 2 })
  assert.match(body.detail, /change 3 \(describe, by key "night"/)
  await send('ops', 'POST', '/identities/undo', { change: 3 })
  assert.equal((await send('ops', 'POST', '/identities/undo', { change: 2 })).status, 200)
  const ann = await send('ops', 'GET', '/identities/ann')
  assert.deepEqual([ann.body.metadata, ann.body.records], [{ x: 1 }, 2])
  assert.deepEqual((await send('ops', 'GET', '/identities/bob')).body.metadata, {})
})

test('a rename or merge is not undone into a name that somebody has got since', async () => {
  for (const [act, body, freed] of [
    ['PATCH /ann', { identity: 'cat' }, 'ann'],
    ['POST /merge', { into: 'ann', from: ['bob'] }, 'bob'],
  ] as const) {
    await begin()
    const [method, at] = act.split(' ') as [string, string]
    assert.equal((await send('ops', method, `/identities${at}`, body)).status, 200)
    const before = await who()
    const points = [{ id: 'new', vector: [9, 9], metadata: { who: freed } }]
    await send('ops', 'POST', '/vectors', { points })
    const refused = await send('ops', 'POST', '/identities/undo', { change: 1 })
    assert.deepEqual([refused.status, refused.body.code], [409, 'CHANGE_OVERTAKEN'])
    assert.match(refused.body.detail, new RegExp(`"${freed}".*given it since`))
    assert.deepEqual(await who(), [freed, ...before])
    await send('ops', 'PATCH', `/identities/${freed}`, { identity: 'another' })
    assert.equal((await send('ops', 'POST', '/identities/undo', { change: 1 })).status, 200)
    assert.deepEqual(await who(), ['another', 'ann', 'ann', 'bob', 'bob'])
  }
})
