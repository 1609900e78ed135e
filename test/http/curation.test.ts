import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOverHttp } from '../support/serve-over-http.ts'

const send = serveOverHttp()

/** A collection with two records each of ann, bob and 7, and one of nobody; returns how to call it and who its records are. */
async function people(name: string) {
  const path = `/v1/collections/${name}`
  await send('PUT', path, { dimensions: 2, metric: 'euclidean', identityField: 'who' })
  const points = ['ann', 'ann', 'bob', 'bob', 7, 7, null].map((who, i) => {
    return { id: `r${i}`, vector: [i, 1], metadata: { n: i, ...(who !== null && { who }) } }
  })
  await send('POST', `${path}/vectors`, { points })
  return {
    path,
    post: async (what: string, body: object) => {
      const answer = await send('POST', `${path}/identities/${what}`, body)
      return [answer.status, answer.body.code ?? answer.body, answer.body.detail ?? '']
    },
    patch: (identity: string, body: object) => {
      return send('PATCH', `${path}/identities/${identity}`, body)
    },
    who: async () => {
      const { body } = await send('GET', `${path}/images`)
      return body.records.map((one: { metadata: { who?: unknown } }) => one.metadata.who ?? null)
    },
    read: async (what: string) => (await send('GET', `${path}/identities${what}`)).body,
    known: async () => {
      const { identities } = (await send('GET', `${path}/identities`)).body
      return identities.map(({ identity, records }: { identity: unknown; records: number }) => {
        return `${identity}: ${records}`
      })
    },
  }
}

test('merged identities are one, with the records, metadata and differences of all', async () => {
  const { post, patch, who, read, known } = await people('merged')
  await patch('ann', { metadata: { team: 'red', tall: true } })
  await patch('bob', { metadata: { team: 'blue' } })
  await post('assign', { ids: ['r6'], identity: 'zoe' })
  await post('differ', { a: 'ann', b: 'zoe' })
  const merged = await post('merge', { into: 'bob', from: ['ann', 7] })
  assert.deepEqual(merged, [200, { change: 5, records: 4 }, ''])
  assert.deepEqual(await who(), ['bob', 'bob', 'bob', 'bob', 'bob', 'bob', 'zoe'])
  assert.deepEqual(await known(), ['bob: 6', 'zoe: 1'])
  const bob = await read('/bob')
  assert.deepEqual(bob.metadata, { team: 'blue', tall: true })
  assert.deepEqual(bob.differs, ['zoe'])
  assert.deepEqual((await read('/ann')).code, 'IDENTITY_NOT_FOUND')
  assert.equal((await post('undo', { change: 5 }))[0], 200)
  assert.deepEqual(await who(), ['ann', 'ann', 'bob', 'bob', 7, 7, 'zoe'])
  const ann = await read('/ann')
  assert.deepEqual([ann.metadata, ann.differs], [{ team: 'red', tall: true }, ['zoe']])
  assert.deepEqual((await read('/bob')).metadata, { team: 'blue' })
})

test('what is said to differ is not merged, with itself neither, nor with nobody', async () => {
  const { post, who } = await people('kept-apart')
  const before = await who()
  await post('differ', { a: 'bob', b: 'ann' })
  const cases: readonly [into: unknown, from: unknown[], status: number, code: string][] = [
    ['ann', ['bob'], 409, 'IDENTITIES_DIFFER'],
    [7, ['ann', 'bob'], 409, 'IDENTITIES_DIFFER'],
    ['ann', ['ann'], 400, 'INVALID_REQUEST'],
    ['ann', [7, 7], 400, 'INVALID_REQUEST'],
    ['ann', [], 400, 'INVALID_REQUEST'],
    ['nobody', ['ann'], 404, 'IDENTITY_NOT_FOUND'],
    ['ann', ['7'], 404, 'IDENTITY_NOT_FOUND'],
    ['ann', [''], 404, 'IDENTITY_NOT_FOUND'],
  ]
  for (const [into, from, status, code] of cases) {
    const answer = await post('merge', { into, from })
    assert.deepEqual(answer.slice(0, 2), [status, code], JSON.stringify([into, from]))
  }
  assert.deepEqual(await who(), before)
  await post('undo', { change: 1 })
  assert.equal((await post('merge', { into: 'ann', from: ['bob'] }))[0], 200)
})

test('a split makes another identity, and keeps that the two are not the same', async () => {
  const { post, who, read } = await people('split')
  const split = { identity: 'ann', ids: ['r1'], to: 'eve' }
  assert.deepEqual(await post('split', split), [200, { change: 1, records: 1 }, ''])
  assert.deepEqual((await who()).slice(0, 3), ['ann', 'eve', 'bob'])
  assert.deepEqual((await read('/eve')).differs, ['ann'])
  assert.equal((await post('merge', { into: 'ann', from: ['eve'] }))[1], 'IDENTITIES_DIFFER')
  await post('undo', { change: 1 })
  assert.deepEqual((await who()).slice(0, 3), ['ann', 'ann', 'bob'])
  assert.deepEqual((await read('/ann')).differs, [])
  const cases: readonly [body: object, status: number, code: string, detail: RegExp][] = [
    [{ ids: ['r0', 'r1'] }, 400, 'INVALID_REQUEST', /all: rename/],
    [{ ids: ['r2'] }, 400, 'INVALID_REQUEST', /"r2" of "bob"/],
    [{ ids: ['r6'] }, 400, 'INVALID_REQUEST', /"r6" of none/],
    [{ ids: ['r1', 'r1'] }, 400, 'DUPLICATE_ID', /"r1" twice/],
    [{ ids: ['none'] }, 404, 'RECORD_NOT_FOUND', /"none"/],
    [{ ids: [] }, 400, 'INVALID_REQUEST', /ids/],
    [{ to: 'bob' }, 409, 'IDENTITY_EXISTS', /"bob"/],
    [{ to: 'ann' }, 400, 'INVALID_REQUEST', /itself/],
    [{ to: '' }, 400, 'INVALID_ID', /1 to 512 bytes/],
    [{ to: 'x'.repeat(1024 * 1024) }, 400, 'INVALID_ID', /1 to 512 bytes/],
    [{ identity: 'nobody' }, 404, 'IDENTITY_NOT_FOUND', /"nobody"/],
  ]
  for (const [change, status, code, detail] of cases) {
    const answer = await post('split', { ...split, ...change })
    assert.deepEqual(answer.slice(0, 2), [status, code], JSON.stringify(change).slice(0, 60))
    assert.match(answer[2], detail)
  }
})

test('records are assigned to somebody, new or not, or to nobody: all of them or none', async () => {
  const { path, post, who } = await people('assigned')
  await send('PATCH', `${path}/images/r6`, { metadata: { who: ['ann', 'bob'] } })
  const assigned = await post('assign', { ids: ['r6', 'r0', 'r2'], identity: 'ann' })
  assert.deepEqual(assigned, [200, { change: 1, records: 2 }, ''])
  assert.deepEqual(await who(), ['ann', 'ann', 'ann', 'bob', 7, 7, 'ann'])
  assert.deepEqual(await post('assign', { ids: ['r0'], identity: 'ann' }), [
    ...[200, { change: null, records: 0 }, ''],
  ])
  await post('assign', { ids: ['r0'], identity: 'new' })
  await post('assign', { ids: ['r1'], identity: null })
  assert.deepEqual((await who()).slice(0, 2), ['new', null])
  await post('undo', { change: 3 })
  await post('undo', { change: 2 })
  await post('undo', { change: 1 })
  assert.deepEqual(await who(), ['ann', 'ann', 'bob', 'bob', 7, 7, ['ann', 'bob']])
  const cases: readonly [body: object, status: number, code: string][] = [
    [{ ids: ['r0', 'none'], identity: 'x' }, 404, 'RECORD_NOT_FOUND'],
    [{ ids: ['r0', ''], identity: 'x' }, 400, 'INVALID_ID'],
    [{ ids: ['r0', 'r0'], identity: 'x' }, 400, 'DUPLICATE_ID'],
    [{ ids: ['r0'], identity: '' }, 400, 'INVALID_ID'],
    [{ ids: ['r0'], identity: '..' }, 400, 'INVALID_ID'],
    [{ ids: ['r0'], identity: 'x'.repeat(1024 * 1024) }, 400, 'INVALID_ID'],
    [{ ids: ['r0'], identity: {} }, 400, 'INVALID_REQUEST'],
    [{ ids: ['r0'] }, 400, 'INVALID_REQUEST'],
    [{ ids: [], identity: 'x' }, 400, 'INVALID_REQUEST'],
  ]
  for (const [body, status, code] of cases) {
    const answer = await post('assign', body)
    assert.deepEqual(answer.slice(0, 2), [status, code], JSON.stringify(body).slice(0, 60))
  }
  assert.equal((await who())[0], 'ann')
})

test('an identity is renamed with its metadata and differences, and gets metadata of its own', async () => {
  const { path, post, patch, who, read } = await people('renamed')
  await post('differ', { a: 'ann', b: 7 })
  const { body } = await patch('ann', { identity: 'Ann Lee', metadata: { team: 'red' } })
  const wanted = { identity: 'Ann Lee', records: 2, metadata: { team: 'red' }, differs: [7] }
  assert.deepEqual(body, { ...wanted, change: 2 })
  assert.deepEqual(await read('/Ann%20Lee'), wanted)
  assert.deepEqual((await who()).slice(0, 3), ['Ann Lee', 'Ann Lee', 'bob'])
  const { body: same } = await patch('Ann%20Lee', { metadata: { team: 'red' } })
  assert.equal(same.change, null)
  const { body: less } = await patch('Ann%20Lee', { metadata: { team: null, tall: 1 } })
  assert.deepEqual(less.metadata, { tall: 1 })
  const { body: number } = await send('PATCH', `${path}/identities/7?type=number`, { identity: 8 })
  assert.deepEqual([number.identity, number.records, number.differs], [8, 2, ['Ann Lee']])
  assert.deepEqual((await send('GET', `${path}/identities/8?type=number`)).body.records, 2)
  const cases: readonly [at: string, body: object, status: number, code: string][] = [
    ['bob', { identity: 'Ann Lee' }, 409, 'IDENTITY_EXISTS'],
    ['nobody', { identity: 'x' }, 404, 'IDENTITY_NOT_FOUND'],
    ['8', { identity: 'x' }, 404, 'IDENTITY_NOT_FOUND'],
    ['8?type=boolean', { identity: 'x' }, 400, 'INVALID_REQUEST'],
    ['x?type=number', { identity: 'y' }, 400, 'INVALID_REQUEST'],
    ['bob', { identity: '' }, 400, 'INVALID_ID'],
    ['bob', { identity: 'x'.repeat(513) }, 400, 'INVALID_ID'],
    ['bob', { identity: 'x'.repeat(1024 * 1024) }, 413, 'BODY_TOO_LARGE'],
    ['bob', { metadata: { x: 'y'.repeat(65_536) } }, 400, 'INVALID_METADATA'],
    ['bob', { name: 'x' }, 400, 'INVALID_REQUEST'],
  ]
  for (const [at, edit, status, code] of cases) {
    const answer = await patch(at, edit)
    assert.deepEqual([answer.status, answer.body.code], [status, code], at)
  }
})

test('a record whose identity is empty or long is of that identity, which can be merged away', async () => {
  const { path, post, known, patch, read } = await people('odd')
  const long = 'x'.repeat(60_000)
  for (const [id, who] of Object.entries({ r0: '', r1: long })) {
    assert.equal((await send('PATCH', `${path}/images/${id}`, { metadata: { who } })).status, 200)
  }
  const tooLong = { metadata: { who: 'x'.repeat(65_536) } }
  assert.equal((await send('PATCH', `${path}/images/r2`, tooLong)).body.code, 'INVALID_METADATA')
  assert.deepEqual(await known(), ['7: 2', ': 1', 'bob: 2', `${long}: 1`])
  assert.equal((await read('/')).identity, '')
  assert.equal((await patch('', { metadata: { odd: 1 } })).body.change, 1)
  const merged = await post('merge', { into: 'bob', from: ['', long] })
  assert.deepEqual(merged[1], { change: 2, records: 2 })
  assert.deepEqual(await known(), ['7: 2', 'bob: 4'])
})
