import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { buildGauge } from '../../src/service/work-gauges.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'
import { zipFile } from '../support/zip-file.ts'

const fox = readFileSync('examples/emoji/animal-mammal/fox_face.google.png')

let service: TestService
let server: TestServer

before(async () => {
  service = await openService()
  const gauges = [buildGauge('1.2.3'), ...service.gauges]
  server = await startServer(service.collections, { jobs: service.jobs, gauges })
  await call(server, 'PUT', '/v1/collections/c', {})
})

after(async () => {
  await server.server.close()
  await service.close()
})

async function metrics(): Promise<string> {
  return await (await fetch(`${server.origin}/metrics`)).text()
}

/** The lines of one metric, without its name. */
async function valuesOf(name: string): Promise<string[]> {
  const lines = (await metrics()).split('\n').filter((line) => line.startsWith(name))
  return lines.map((line) => line.slice(name.length))
}

test('the build is a value of 1 with its facts', async () => {
  const { arch, platform, versions } = process
  const labels = `{version="1.2.3",node="${versions.node}",platform="${platform}-${arch}"}`
  assert.deepEqual(await valuesOf('lookalike_build_info'), [`${labels} 1`])
})

test('images that were embedded are counted, for searches and for storage', async () => {
  const name = 'lookalike_images_embedded_total'
  assert.deepEqual(await valuesOf(name), ['{for="search"} 0', '{for="storage"} 0'])
  const headers = { 'content-type': 'image/png' }
  await call(server, 'PUT', '/v1/collections/c/images/a', fox, headers)
  await call(server, 'PUT', '/v1/collections/c/images/b', fox, headers)
  const query = { image: { data: fox.toString('base64') } }
  await call(server, 'POST', '/v1/collections/c/search', { query, k: 1 })
  const refused = await call(server, 'PUT', '/v1/collections/c/images/n', Buffer.from('x'), headers)
  assert.equal(refused.status, 415)
  assert.deepEqual(await valuesOf(name), ['{for="search"} 1', '{for="storage"} 2'])
  assert.match(await metrics(), /# TYPE lookalike_images_embedded_total counter/)
})

test('jobs are counted by how they ended', async () => {
  const path = '/v1/collections/c/import/archive'
  const headers = { 'content-type': 'application/zip' }
  assert.deepEqual(await valuesOf('lookalike_jobs_ended_total'), [])
  for (let i = 0; i < 2; i++) {
    const archive = zipFile([{ name: `${i}.png`, bytes: fox }])
    const { body } = await call(server, 'POST', path, archive, headers)
    await (await fetch(`${server.origin}/v1/jobs/${body.id}/events`)).text()
  }
  const ended = ['{kind="import",state="succeeded"} 2']
  assert.deepEqual(await valuesOf('lookalike_jobs_ended_total'), ended)
  assert.deepEqual(await valuesOf('lookalike_jobs{'), ['state="queued"} 0', 'state="running"} 0'])
})

test('docs/metrics.md lists every metric with its kind, and no other', async () => {
  const page = readFileSync('docs/metrics.md', 'utf8')
  const listed = [...page.matchAll(/^\| `(lookalike_\w+)` \| (\w+) \|/gm)].map((row) =>
    row.slice(1),
  )
  const types = [...(await metrics()).matchAll(/^# TYPE (lookalike_\w+) (\w+)$/gm)]
  const found = types.map((row) => row.slice(1))
  // The process itself has its log.
  found.push(['lookalike_log_lines_dropped', 'gauge'])
  assert.deepEqual(new Set(listed.map(String)), new Set(found.map(String)))
})
