import assert from 'node:assert/strict'
import { once } from 'node:events'
import { openAsBlob, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { type ImageFile, Lookalike, LookalikeError } from '../../src/client/client.ts'
import { serveForClients } from '../support/twelve-calls.ts'

const served = serveForClients()
const picture = (name: string): ImageFile => readFileSync(`examples/emoji/${name}.png`)
const fox = picture('animal-mammal/fox_face.google')
const cherries = picture('food-fruit/cherries.google')

test('twelve calls pass', async () => {
  const lookalike = new Lookalike({ url: served.url })
  const animals = lookalike.collection('animals')
  const created = await animals.create({ keep: 'original', fields: ['kind'], identityField: 'who' })
  assert.equal(created.count, 0)

  const { results } = await animals.addMany({
    'deep/fox.png': {
      image: picture('animal-mammal/fox_face.twitter'),
      metadata: { kind: 'animal', who: 'fox' },
    },
    'cherries.png': { image: cherries, metadata: { kind: 'fruit' } },
  })
  const outcomes = results.map(({ id, status }) => [id, status])
  assert.deepEqual(outcomes, [
    ['deep/fox.png', 'added'],
    ['cherries.png', 'added'],
  ])

  const added = await animals.add('foxes/1', fox, { metadata: { kind: 'animal' } })
  assert.deepEqual(added, { id: 'foxes/1', status: 'added' })

  const job = await animals.importArchive(await openAsBlob(served.archive), { labelFrom: 'none' })
  const { progress } = await lookalike.finished(job)
  assert.deepEqual(progress.counts, { added: 2 })

  const filter = { kind: { $ne: 'fruit' } }
  const found = await animals.search({ query: { image: fox }, k: 2, filter })
  assert.deepEqual([found.matches[0]?.id, found.exact], ['foxes/1', true])

  const ids: string[] = []
  for await (const { id } of animals.records({ pageSize: 2 })) ids.push(id)
  assert.deepEqual(ids, ['cat.png', 'cherries.png', 'deep/fox.png', 'dog.png', 'foxes/1'])
  const fruit: string[] = []
  for await (const { id } of animals.records({ filter: { kind: 'fruit' } })) fruit.push(id)
  assert.deepEqual(fruit, ['cherries.png'])

  const { metadata } = await animals.patch('foxes/1', { who: 'fox', kind: null })
  assert.deepEqual(metadata, { who: 'fox' })
  assert.equal((await animals.record('foxes/1', { vector: true })).vector?.length, 1280)

  const kept = await animals.content('foxes/1')
  assert.equal(kept.type, 'image/png')
  assert.deepEqual(Buffer.from(await kept.arrayBuffer()), fox)

  const thresholds = { known: 0.01, unknown: 0.9 }
  const who = await animals.identify({ query: { images: [fox, fox] }, thresholds })
  assert.deepEqual([who.decision, who.identity], ['known', 'fox'])

  assert.equal(await animals.delete('foxes/1'), undefined)
  await assert.rejects(animals.record('foxes/1'), (error) => {
    assert.ok(error instanceof LookalikeError)
    assert.deepEqual([error.code, error.status], ['RECORD_NOT_FOUND', 404])
    assert.match(error.requestId ?? '', /^[\w-]+$/)
    return true
  })

  await animals.drop()
  assert.deepEqual(await lookalike.collections(), [])
})

test('a range answer that a limit cut goes on as an iterator, and any call can be made', async () => {
  const lookalike = new Lookalike({ url: `${served.url}/` })
  const points = lookalike.collection('points')
  await points.create({ dimensions: 2, metric: 'euclidean' })
  const numbers = Array.from({ length: 7 }, (_, i) => i)
  await points.addVectors(numbers.map((i) => ({ id: `p${i}`, vector: [i, 1] })))
  const matches = []
  const request = { query: { vector: [0, 1] }, radius: 5, limit: 2 }
  for await (const { id } of points.matches(request)) matches.push(id)
  assert.deepEqual(matches, ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'])

  const input = { path: { collection: 'points' }, body: { by: 'embedding' as const, radius: 0.5 } }
  const { groups } = await lookalike.call('post', '/v1/collections/{collection}/duplicates', input)
  assert.deepEqual(groups, [])
  assert.deepEqual(await points.deleteMany({ ids: ['p0', 'p9'] }), { deleted: 1 })
  // @ts-expect-error: `limits` is no member of a search.
  await assert.rejects(points.search({ query: { id: 'p1' }, k: 1, limits: 3 }), (error) => {
    assert.ok(error instanceof LookalikeError)
    return error.code === 'INVALID_REQUEST' && error.errors[0]?.path === '/limits'
  })
})

test('pairs of a join come one by one, and lines of JSON and metrics by `call` are text', async () => {
  const lookalike = new Lookalike({ url: served.url })
  const points = lookalike.collection('pairs')
  await points.create({ dimensions: 1, metric: 'euclidean' })
  await points.addVectors([1, 2, 4].map((at) => ({ id: `p${at}`, vector: [at] })))
  const pairs = []
  for await (const pair of points.join({ radius: 2 })) pairs.push(pair)
  const expected = [
    { a: 'p1', b: 'p2', distance: 1 },
    { a: 'p2', b: 'p4', distance: 2 },
  ]
  assert.deepEqual(pairs, expected)

  const input = { path: { collection: 'pairs' }, body: { radius: 2 } }
  const lines = await lookalike.call('post', '/v1/collections/{collection}/join', input)
  const last = { complete: true, pairs: 2 }
  const written = [...expected, last].map((line) => `${JSON.stringify(line)}\n`)
  assert.equal(lines, written.join(''))
  assert.match(await lookalike.call('get', '/metrics', {}), /^# HELP /)
})

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
})

/** A server that answers the n-th request as it is told. */
async function scripted(answers: readonly Parameters<typeof createServer>[1][]): Promise<string> {
  let next = 0
  const server = createServer((request, response) => answers[next++]!(request, response))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a call that is refused for now is sent again after Retry-After', async () => {
  const url = await scripted([
    (_, response) => response.writeHead(503, { 'retry-after': '0' }).end('{}'),
    (_, response) => response.writeHead(429, { 'retry-after': '0' }).end('{}'),
    (request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ id: request.headers.authorization }))
    },
  ])
  const job = await new Lookalike({ url, apiKey: 'secret' }).job('1')
  assert.equal(job.id, 'Bearer secret')
})

test('a call is not sent again more often than was said', async () => {
  const refuse = (_: unknown, response: import('node:http').ServerResponse) => {
    response
      .writeHead(503, { 'retry-after': '0' })
      .end('{ "code": "QUEUE_FULL", "detail": "full" }')
  }
  const url = await scripted([refuse, refuse])
  await assert.rejects(new Lookalike({ url, retries: 1 }).job('1'), {
    code: 'QUEUE_FULL',
    status: 503,
  })
})

test('events go on after the last one when the connection breaks', async () => {
  const event = (id: number, state: string) =>
    `id: ${id}\nevent: job\ndata: {"state":"${state}"}\n\n`
  const seen: unknown[] = []
  const url = await scripted([
    (_, response) => {
      response.write(`: still here\n\n${event(1, 'queued')}${event(2, 'running')}id: 3`)
      setTimeout(() => response.destroy(), 50)
    },
    (request, response) => {
      seen.push(request.headers['last-event-id'])
      response.end(event(3, 'succeeded'))
    },
  ])
  for await (const { state } of new Lookalike({ url }).watch({ id: '1' })) seen.push(state)
  assert.deepEqual(seen, ['queued', 'running', '2', 'succeeded'])
})

test('events go on when the service is away for a while', async () => {
  const url = await scripted([
    (_, response) => response.end('id: 1\nevent: job\ndata: {"state":"succeeded"}\n\n'),
  ])
  let away = 2
  const lookalike = new Lookalike({
    url,
    fetch: (...request) => {
      return away-- > 0 ? Promise.reject(new TypeError('fetch failed')) : fetch(...request)
    },
  })
  assert.equal((await lookalike.finished({ id: '1' })).state, 'succeeded')
})

test('a service that stays away is CONNECTION_LOST', async () => {
  const url = await scripted([])
  await new Promise((resolve) => servers.pop()!.close(resolve))
  await assert.rejects(new Lookalike({ url }).finished({ id: '1' }), { code: 'CONNECTION_LOST' })
})

test('a join whose answer ends early is an error behind the pairs that came', async () => {
  const pair = '{"a":"1","b":"2","distance":0.5}\n'
  const url = await scripted([
    (_, response) => response.end(`${pair}{"complete":false,"code":"TIMEOUT","detail":"late"}\n`),
    (_, response) => response.end(pair),
    (_, response) => {
      response.write(pair)
      setTimeout(() => response.destroy(), 50)
    },
  ])
  for (const code of ['TIMEOUT', 'CONNECTION_LOST', 'CONNECTION_LOST']) {
    const pairs = new Lookalike({ url }).collection('c').join({ k: 2 })
    assert.equal((await pairs.next()).value?.a, '1')
    await assert.rejects(pairs.next(), { code })
  }
})

test('whoever leaves the events early has their connection closed', async () => {
  let closed: Promise<unknown> | undefined
  const url = await scripted([
    (_, response) => {
      closed = once(response, 'close')
      response.write('id: 1\nevent: job\ndata: {"state":"running"}\n\n')
    },
  ])
  for await (const { state } of new Lookalike({ url }).watch({ id: '1' })) {
    assert.equal(state, 'running')
    break
  }
  await closed
})

test('a signal ends the wait for events', async () => {
  const url = await scripted([(_, response) => response.write(': still here\n\n')])
  const signal = AbortSignal.timeout(100)
  const job = new Lookalike({ url }).finished({ id: '1' }, { signal })
  await assert.rejects(job, { name: 'TimeoutError' })
})

test('what is not an answer of the service is an error that says so', async () => {
  const url = await scripted([(_, response) => response.writeHead(502).end('<html>Bad gateway')])
  await assert.rejects(new Lookalike({ url }).job('1'), {
    code: 'UNEXPECTED_ANSWER',
    message: 'expected an answer of Lookalike, got status 502: <html>Bad gateway',
  })
})
