import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startService } from '../../src/service/service.ts'
import { openFeatureCache } from '../../src/training/data/feature-cache.ts'
import { bytesOnDisk } from '../support/bytes-on-disk.ts'
import { type Answer, call, startServer } from '../support/http.ts'
import { inTemporaryFolder } from '../support/in-temporary-folder.ts'
import { testConfig } from '../support/service.ts'

const PATH = '/v1/collections/people'
const EMOJI = 'examples/emoji/animal-mammal'
const PICTURES = readdirSync(EMOJI)
  .filter((name) => name.endsWith('.png'))
  .slice(0, 16)
/** Every fourth picture is of the one who is erased. */
const isErased = (i: number) => i % 4 === 0

type Send = (method: string, path: string, body?: unknown) => Promise<Answer>

async function served(folder: string, use: (send: Send) => Promise<void>): Promise<void> {
  const service = await startService({ ...testConfig(folder), graphFrom: 8 })
  const server = await startServer(service.collections)
  try {
    await service.loaded
    await use((method, path, body) => call(server, method, path, body))
  } finally {
    await server.server.close()
    await service.close()
  }
}

function bytesOf(vector: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(vector).buffer)
}

/** Resolves once the folder has a file of this ending. */
async function fileThere(folder: string, ending: string): Promise<void> {
  while (!existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith(ending))) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('once an identity is erased no file of the data folder has a byte of it, and all of the others', async () => {
  await inTemporaryFolder(async (folder) => {
    await served(folder, async (send) => {
      await send('PUT', PATH, { identityField: 'who.name', keep: 'original' })
      const pictures = PICTURES.map((name) => readFileSync(join(EMOJI, name)))
      for (const [i, bytes] of pictures.entries()) {
        const who = { name: isErased(i) ? 'Ada Öz' : `other ${i % 4}` }
        const metadata = { who, note: `note-of-${PICTURES[i]}-${i}` }
        const data = bytes.toString('base64')
        const put = await send('PUT', `${PATH}/images/picture-${i}-of-them`, { data, metadata })
        assert.equal(put.status, 201, JSON.stringify(put.body))
      }
      const records = await Promise.all(
        pictures.map(async (_, i) => {
          const path = `${PATH}/images/picture-${i}-of-them?include=vector`
          return (await send('GET', path)).body
        }),
      )
      // What people said of it: its own metadata, a difference, and a history that names its records.
      const own = `${PATH}/identities/${encodeURIComponent('Ada Öz')}`
      const described = await send('PATCH', own, { metadata: { born: 'in-a-secret-town' } })
      assert.equal(described.status, 200, JSON.stringify(described.body))
      await send('POST', `${PATH}/identities/differ`, { a: 'Ada Öz', b: 'other 1' })
      await send('POST', `${PATH}/identities/differ`, { a: 'other 1', b: 'other 2' })
      const ids = ['picture-0-of-them']
      await send('POST', `${PATH}/identities/assign`, { ids, identity: 'other 3' })
      const back = await send('POST', `${PATH}/identities/assign`, { ids, identity: 'Ada Öz' })
      assert.equal(back.status, 200, JSON.stringify(back.body))
      // A tree, a graph and a feature of a training, each with a vector of everybody.
      const query = { id: records[1].id }
      await send('POST', `${PATH}/search`, { query, exactIndex: 'vp-tree' })
      await fileThere(join(folder, 'trees'), '.vp-tree')
      await fileThere(join(folder, 'graphs'), '.hnsw')
      const hashes = records.map(({ image }) => image.contentHash)
      const featureOf = (i: number) => Float32Array.from({ length: 8 }, (_, axis) => i + axis / 8)
      mkdirSync(join(folder, 'features'))
      const file = join(folder, 'features', 'some.features')
      const kept = await openFeatureCache(file, 8, new Set(hashes))
      for (const [i, hash] of hashes.entries()) await kept.add(hash, featureOf(i))
      await kept.close()

      const tracesOf = (i: number): [string, Buffer][] => {
        const bytes = pictures[i]!
        const at = (share: number) => Math.floor(bytes.length * share)
        return [
          ['id', Buffer.from(`picture-${i}-of-them`)],
          ['metadata', Buffer.from(`note-of-${PICTURES[i]}-${i}`)],
          ['vector', bytesOf(records[i].vector).subarray(0, 64)],
          ['end of the vector', bytesOf(records[i].vector).subarray(-64)],
          ['picture', bytes.subarray(at(0.5), at(0.5) + 48)],
          ['end of the picture', bytes.subarray(-60, -12)],
          ['feature', Buffer.from(featureOf(i).buffer)],
          ['hash', Buffer.from(hashes[i], 'hex')],
        ]
      }
      const before = bytesOnDisk(folder)
      for (let i = 0; i < pictures.length; i++) {
        for (const [what, bytes] of tracesOf(i))
          assert.ok(before.includes(bytes), `${what} of ${i}`)
      }

      const erased = await send('DELETE', `${PATH}/identities/${encodeURIComponent('Ada Öz')}`)
      assert.equal(erased.status, 200, JSON.stringify(erased.body))
      const there = bytesOnDisk(folder)
      for (let i = 0; i < pictures.length; i++) {
        for (const [what, bytes] of tracesOf(i)) {
          assert.equal(there.includes(bytes), !isErased(i), `${what} of ${i}`)
        }
      }
      assert.equal(there.includes(Buffer.from('Ada Öz')), false, 'the identity itself')
      const { identity, removed, complete, erasedAt, untouched } = erased.body
      assert.deepEqual([identity, complete], ['Ada Öz', true])
      assert.deepEqual(removed, {
        records: 4,
        vectors: 4,
        originals: 4,
        thumbnails: 0,
        features: 4,
        facts: 2,
        changes: 4,
      })
      assert.equal(there.includes(Buffer.from('in-a-secret-town')), false, 'its own metadata')
      const { body: past } = await send('GET', `${PATH}/identities/history`)
      assert.deepEqual(
        past.changes.map(({ kind }: { kind: string }) => kind),
        ['differ'],
      )
      assert.ok(Math.abs(Date.parse(erasedAt) - Date.now()) < 600_000)
      assert.match(JSON.stringify(untouched), /backups and snapshots/)
      const { body: page } = await send('GET', `${PATH}/images?limit=100`)
      assert.equal(page.records.length, 12)

      const again = await send('DELETE', `${PATH}/identities/${encodeURIComponent('Ada Öz')}`)
      assert.deepEqual([again.status, again.body.code], [404, 'IDENTITY_NOT_FOUND'])
      // What is left of the cache can be used.
      const left = await openFeatureCache(file, 8, new Set(hashes))
      assert.equal(left.damaged, null)
      assert.deepEqual(
        hashes.map((hash) => left.get(hash)),
        hashes.map((_, i) => (isErased(i) ? undefined : featureOf(i))),
      )
      await left.close()
    })
  })
})

test('text, number and boolean are different identities, and a list names none', async () => {
  await inTemporaryFolder(async (folder) => {
    await served(folder, async (send) => {
      await send('PUT', PATH, { dimensions: 2, metric: 'euclidean', identityField: 'who' })
      const identities = [7, '7', true, 'true', [7, 8], null]
      const points = identities.map((who, i) => ({
        id: `r${i}`,
        vector: [i, 1],
        metadata: { who },
      }))
      await send('POST', `${PATH}/vectors`, { points })
      const ids = async () => {
        const { body } = await send('GET', `${PATH}/images`)
        return body.records.map(({ id }: { id: string }) => id)
      }
      const cases: readonly [path: string, left: readonly string[]][] = [
        ['7?type=number', ['r1', 'r2', 'r3', 'r4', 'r5']],
        ['7', ['r2', 'r3', 'r4', 'r5']],
        ['true?type=boolean', ['r3', 'r4', 'r5']],
        ['true', ['r4', 'r5']],
      ]
      for (const [path, left] of cases) {
        const { status, body } = await send('DELETE', `${PATH}/identities/${path}`)
        assert.deepEqual([status, body.removed?.records], [200, 1], path)
        assert.deepEqual(await ids(), left, path)
      }
      const refused: readonly [path: string, status: number, code: string][] = [
        ['seven?type=number', 400, 'INVALID_REQUEST'],
        ['yes?type=boolean', 400, 'INVALID_REQUEST'],
        ['7?type=list', 400, 'INVALID_REQUEST'],
        ['7?type=number', 404, 'IDENTITY_NOT_FOUND'],
      ]
      for (const [path, status, code] of refused) {
        const answer = await send('DELETE', `${PATH}/identities/${path}`)
        assert.deepEqual([answer.status, answer.body.code], [status, code], path)
      }
      await send('PUT', '/v1/collections/plain', { dimensions: 2 })
      const { status, body } = await send('DELETE', '/v1/collections/plain/identities/a')
      assert.deepEqual([status, body.code], [409, 'COLLECTION_WITHOUT_IDENTITIES'])
    })
  })
})

test('the history of others stays, also where a member of a change is called like the one who is erased', async () => {
  await inTemporaryFolder(async (folder) => {
    await served(folder, async (send) => {
      await send('PUT', PATH, { identityField: 'who', dimensions: 2 })
      const points = ['a', 'x', 'y', 'z'].map((who, i) => ({
        id: `of ${who}`,
        vector: [1, i],
        metadata: { who },
      }))
      await send('POST', `${PATH}/vectors`, { points })
      await send('POST', `${PATH}/identities/differ`, { a: 'x', b: 'y' })
      const own = await send('PATCH', `${PATH}/identities/x`, { metadata: { a: 'a letter' } })
      assert.equal(own.status, 200, JSON.stringify(own.body))
      await send('POST', `${PATH}/identities/differ`, { a: 'a', b: 'z' })
      const erased = await send('DELETE', `${PATH}/identities/a`)
      assert.equal(erased.status, 200, JSON.stringify(erased.body))
      assert.deepEqual([erased.body.removed.facts, erased.body.removed.changes], [1, 1])
      const { body } = await send('GET', `${PATH}/identities/history`)
      assert.deepEqual(
        body.changes.map(({ kind }: { kind: string }) => kind),
        ['describe', 'differ'],
      )
    })
  })
})

test('records that are held are erased with the identity that they were to be of', async () => {
  await inTemporaryFolder(async (folder) => {
    await served(folder, async (send) => {
      const quality = { minSide: 1000, otherwise: 'hold' }
      await send('PUT', PATH, { identityField: 'who', quality })
      const data = readFileSync(join(EMOJI, PICTURES[0]!)).toString('base64')
      const put = await send('PUT', `${PATH}/images/one`, { data, metadata: { who: 'Ada Öz' } })
      assert.equal(put.status, 201, JSON.stringify(put.body))
      const erased = await send('DELETE', `${PATH}/identities/${encodeURIComponent('Ada Öz')}`)
      assert.equal(erased.status, 200, JSON.stringify(erased.body))
      assert.equal(erased.body.removed.records, 1)
      assert.equal((await send('GET', `${PATH}/images/one`)).status, 404)
      assert.equal(bytesOnDisk(folder).includes(Buffer.from('Ada Öz')), false)
    })
  })
})
