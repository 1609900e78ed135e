import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type CollectionSpec, compareIds } from '../../src/engine/collection-spec.ts'
import type { Engine, EngineCollection } from '../../src/engine/engine.ts'
import { fieldPath } from '../../src/engine/field-path.ts'
import { compileFilter, type Filter, parseFilter } from '../../src/engine/filter.ts'
import type { PinnedGeneration } from '../../src/engine/generation.ts'
import type { IdentityEffect } from '../../src/engine/identity-store.ts'
import { identityAt } from '../../src/engine/identity-value.ts'
import type { Metadata } from '../../src/engine/metadata.ts'
import { type EngineMatch, type EngineQuery, NEAREST_IDS } from '../../src/engine/query.ts'
import type { NewRecord, StoredRecord } from '../../src/engine/record.ts'
import { AppError } from '../../src/errors.ts'
import { mapBounded } from '../../src/scheduling/map-bounded.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { failsWith } from '../support/errors.ts'
import { SAMPLE_IMAGE, sampleRecord, sampleSpec, vectorOf } from '../support/sample-records.ts'

export interface EngineUnderTest {
  readonly engine: Engine
  /** Closes the engine and opens another on the same data. */
  reopen(): Promise<Engine>
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>
}

const SEED = 5
const DIMENSIONS = 8
const RECORDS = 300

/** What every engine behind the port must do. `open` gives an empty one, loaded. */
export function describeEngine(name: string, open: () => Promise<EngineUnderTest>): void {
  function fact(words: string, check: (opened: EngineUnderTest) => Promise<void>): void {
    test(words, async () => {
      const opened = await open()
      try {
        await check(opened)
      } finally {
        await opened.dispose()
      }
    })
  }

  describe(`${name}: collections`, () => {
    fact('are created once, and an equal one is left as it is', async ({ engine, reopen }) => {
      assert.deepEqual(engine.names, [])
      const spec = sampleSpec({ dimensions: DIMENSIONS })
      const first = await engine.create(spec)
      assert.equal(first.created, true)
      assert.equal((await engine.create(spec)).created, false)
      await assert.rejects(
        engine.create({ ...spec, dimensions: 9 }),
        failsWith('COLLECTION_DIFFERS'),
      )
      assert.equal(new Date(first.collection.createdAt).toISOString(), first.collection.createdAt)
      const again = await reopen()
      assert.deepEqual(again.names, [spec.name])
      assert.deepEqual(again.collection(spec.name).spec, spec)
      assert.equal(again.collection(spec.name).createdAt, first.collection.createdAt)
    })

    fact('are gone once dropped, and their names are free', async ({ engine, reopen }) => {
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
      await collection.put(sampleRecord('a', { vector: vectorOf('a', DIMENSIONS) }))
      await engine.drop('faces')
      assert.deepEqual(engine.names, [])
      assert.throws(() => engine.collection('faces'), failsWith('COLLECTION_NOT_FOUND'))
      await assert.rejects(async () => engine.drop('faces'), failsWith('COLLECTION_NOT_FOUND'))
      const { created, collection: next } = await engine.create(sampleSpec({ dimensions: 3 }))
      assert.equal(created, true)
      assert.equal(next.size, 0)
      const again = await reopen()
      assert.equal(await again.collection('faces').count(null), 0)
    })

    fact('keep documents by name until they are dropped', async ({ engine, reopen }) => {
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
      assert.equal(await collection.document('a'), null)
      await collection.keepDocument('a', { n: 1, text: 'ä' })
      await collection.keepDocument('b', [null])
      await collection.keepDocument('a', { n: 2 })
      const again = await reopen()
      assert.deepEqual(await again.collection('faces').document('a'), { n: 2 })
      assert.deepEqual(await again.collection('faces').document('b'), [null])
      await again.drop('faces')
      const { collection: next } = await again.create(sampleSpec({ dimensions: DIMENSIONS }))
      assert.equal(await next.document('a'), null)
    })

    fact('change identities all at once or not at all', async ({ engine, reopen }) => {
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
      const put = (id: string, metadata: Metadata) =>
        collection.put(record(id, { metadata: { n: 1, ...metadata } }))
      await Promise.all([put('a', { person: 'ann' }), put('b', { person: 'bob' }), put('c', {})])
      const change = { kind: 'assign', what: { x: 1 }, by: 'key', undoes: null } as const
      const effects: readonly IdentityEffect[] = [
        { kind: 'record', subject: 'a', before: 'ann', after: 'bob' },
        { kind: 'record', subject: 'c', before: undefined, after: 7 },
        { kind: 'metadata', subject: 'bob', before: undefined, after: { tall: true } },
        { kind: 'difference', subject: [7, 'bob'], before: undefined, after: true },
      ]
      assert.equal(await collection.identities.change(change, effects), 1)
      const wrong = { kind: 'record', subject: 'b', before: 'ann', after: 'zed' } as const
      await assert.rejects(
        collection.identities.change(change, [{ ...wrong, before: 'bob' }, wrong]),
        failsWith('CHANGE_OVERTAKEN'),
      )
      const { identities } = (await reopen()).collection('faces')
      const page = { after: null, limit: 10, text: null, filter: null }
      assert.deepEqual(await identities.page(page), {
        identities: [
          { identity: 7, records: 1, metadata: {} },
          { identity: 'bob', records: 2, metadata: { tall: true } },
        ],
        total: 2,
      })
      assert.deepEqual(await identities.find('ann'), null)
      assert.deepEqual((await identities.members('bob', 9)).toSorted(), ['a', 'b'])
      assert.equal((await identities.members('bob', 1)).length, 1)
      assert.deepEqual(await identities.valuesOf(['c', 'd']), [{ value: 7 }, null])
      assert.deepEqual(await identities.differences(), [[7, 'bob']])
      const past = (await identities.past(1))!
      assert.deepEqual(past.effects.toSorted(bySubject), effects.toSorted(bySubject))
      const { at, ...history } = past.past
      assert.deepEqual(history, { ...change, change: 1, records: 2, undoneBy: null })
      assert.equal(new Date(at).toISOString(), at)
      assert.deepEqual(await identities.history(null, 9), [past.past])
      assert.equal(await identities.past(2), null)
    })

    fact('tell how they are', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      const { count, bytes, recall } = await collection.status()
      assert.equal(count, records.size)
      assert.ok(bytes.disk > 0 && bytes.memory > 0)
      assert.deepEqual(recall, [])
      const { collections, records: all, vectorBytes } = engine.status
      assert.deepEqual([collections, all], [1, records.size])
      assert.ok(vectorBytes > 0)
    })
  })

  describe(`${name}: records`, () => {
    fact('are what was put, until they are replaced', async ({ engine, reopen }) => {
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
      const content = { mediaType: 'image/jpeg', bytes: Uint8Array.of(1, 2, 3) }
      const first = record('a/ä', { metadata: { n: 1 }, image: SAMPLE_IMAGE, content })
      assert.equal(await collection.put(first), 'added')
      const found = await collection.get('a/ä', { vector: true })
      assert.deepEqual(found?.metadata, { n: 1 })
      assert.deepEqual(found?.image, SAMPLE_IMAGE)
      assert.equal(found?.hasContent, true)
      assert.deepEqual(found?.vector, first.vector)
      assert.deepEqual(await collection.content('a/ä'), content)
      assert.deepEqual(await collection.summaries(['b', 'a/ä']), [
        null,
        { contentHash: SAMPLE_IMAGE.contentHash, metadata: { n: 1 } },
      ])
      assert.equal(await collection.put(record('a/ä', { vector: vectorOf('x', 8) })), 'replaced')
      const again = (await reopen()).collection('faces')
      const last = await again.get('a/ä', { vector: true })
      assert.deepEqual(last?.vector, vectorOf('x', DIMENSIONS))
      assert.deepEqual([last?.metadata, last?.image, last?.hasContent], [{}, null, false])
      assert.equal(await again.content('a/ä'), null)
      assert.equal(await again.get('b', { vector: false }), null)
      assert.equal(again.size, 1)
    })

    fact('have their metadata patched', async ({ engine }) => {
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
      await collection.put(record('a', { metadata: { n: 1, deep: { x: 1, y: 2 } } }))
      const patched = await collection.patch('a', { n: null, deep: { x: 3 }, more: true })
      assert.deepEqual(patched?.metadata, { deep: { x: 3, y: 2 }, more: true })
      const read = await collection.get('a', { vector: false })
      assert.deepEqual(read?.metadata, patched?.metadata)
      assert.equal(await collection.patch('b', {}), null)
    })

    fact('are deleted by id and by filter', async ({ engine, reopen }) => {
      const { collection, records } = await filled(engine)
      assert.equal(await collection.delete({ ids: ['r1', 'r2', 'nobody'] }), 2)
      for (const id of ['r1', 'r2']) records.delete(id)
      const filter = parseFilter({ n: { $lt: 100 } })
      const doomed = [...records.values()].filter(meets(filter))
      assert.equal(await collection.delete({ filter }), doomed.length)
      for (const { id } of doomed) records.delete(id)
      for (const open of [async () => engine, reopen]) {
        const now = (await open()).collection('faces')
        assert.deepEqual(await idsOf(now), [...records.keys()].sort(compareIds))
        assert.equal(now.size, records.size)
      }
    })

    fact('wait while something runs alone, and come after it', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      const order: string[] = []
      let end = () => {}
      const alone = collection.alone(async () => {
        await new Promise<void>((resolve) => {
          end = resolve
        })
        order.push('alone')
      })
      const [first, second] = [...records.keys()]
      const writes = [
        collection.delete({ ids: [first!] }).then(() => order.push('deleted')),
        collection.put({ ...records.get(second!)!, content: null }).then(() => order.push('put')),
      ]
      await new Promise((resolve) => setTimeout(resolve, 50))
      assert.deepEqual(order, [])
      end()
      await Promise.all([alone, ...writes])
      assert.equal(order[0], 'alone')
      assert.deepEqual(new Set(order.slice(1)), new Set(['deleted', 'put']))
    })

    fact('are those of one object until the collection is dropped', async ({ engine }) => {
      const { collection } = await filled(engine)
      assert.equal(engine.collection(collection.spec.name), collection)
      const again = await engine.create(collection.spec)
      assert.equal(again.created, false)
      assert.equal(again.collection, collection)
    })

    fact('are scrolled in id order, page by page, with a filter', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      for (const filter of [null, parseFilter({ colour: 'red' }), parseFilter({ none: 1 })]) {
        const wanted = [...records.values()].filter(meets(filter)).map(({ id }) => id)
        assert.deepEqual(await idsOf(collection, filter, 7), wanted.sort(compareIds))
        assert.equal(await collection.count(filter), wanted.length)
      }
      const page = { after: 'r1', limit: 3, filter: null, vectors: true, searchable: true }
      for (const { id, vector } of await collection.scroll(page)) {
        assert.deepEqual(vector, records.get(id)!.vector)
      }
    })

    fact('are walked over with their vectors', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      const seen = new Map<string, Float32Array>()
      for await (const { ids, vectors } of collection.vectors()) {
        assert.equal(vectors.length, ids.length * DIMENSIONS)
        ids.forEach((id, i) => {
          seen.set(id, vectors.slice(i * DIMENSIONS, (i + 1) * DIMENSIONS))
        })
      }
      assert.equal(seen.size, records.size)
      for (const [id, vector] of seen) assert.deepEqual(vector, records.get(id)!.vector)
    })

    fact('are refused when they do not fit', async ({ engine }) => {
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
      const short = record('a', { vector: new Float32Array(3) })
      await assert.rejects(collection.put(short), failsWith('DIMENSION_MISMATCH'))
      assert.equal(await collection.count(null), 0)
    })
  })

  describe(`${name}: searches`, () => {
    const filters = [null, parseFilter({ colour: 'red' }), parseFilter({ n: { $gte: 290 } })]

    for (const metric of ['euclidean', 'cosine'] as const) {
      fact(`find the nearest as a loop over all records does: ${metric}`, async ({ engine }) => {
        const { collection, records } = await filled(engine, { metric })
        await withPinned(collection, async (generation) => {
          for (const { vector } of queries()) {
            for (const filter of filters) {
              for (const k of [1, 10, 1000]) {
                const query = { ...NEAREST_IDS, vector, k, limit: 1000, filter, without: ['r7'] }
                const { matches, exact, complete } = await generation.search(query)
                assert.deepEqual(matches, naive(records, query, metric).slice(0, k))
                assert.ok(exact && complete)
              }
            }
          }
        })
      })
    }

    fact('find all within a radius, its border included', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      await withPinned(collection, async (generation) => {
        for (const { vector } of queries()) {
          const all = naive(records, { ...NEAREST_IDS, vector, k: null, limit: 1000 }, 'euclidean')
          const radius = all[20]!.distance
          const within = all.filter(({ distance }) => distance <= radius)
          const query = { ...NEAREST_IDS, vector, k: null, radius, limit: 1000 }
          assert.deepEqual((await generation.search(query)).matches, within)
          const { matches } = await generation.search({ ...query, k: 5 })
          assert.deepEqual(matches, within.slice(0, 5))
        }
      })
    })

    fact('go on behind a cursor until nothing is left', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      await withPinned(collection, async (generation) => {
        for (const wanted of [
          { k: 50, radius: null },
          { k: null, radius: 2 },
        ]) {
          const [{ vector }] = queries() as [NewRecord]
          const query = { ...NEAREST_IDS, ...wanted, vector, limit: 7 }
          const all = naive(records, query, 'euclidean')
          const within = all.filter(({ distance }) => distance <= (wanted.radius ?? distance))
          const found = await allPages(generation, query)
          assert.deepEqual(found, within.slice(0, wanted.k ?? within.length))
          const other = { ...query, radius: 1.5, cursor: (await generation.search(query)).cursor }
          await assert.rejects(generation.search(other), failsWith('INVALID_CURSOR'))
        }
      })
    })

    fact('give the nearest of each group', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      await withPinned(collection, async (generation) => {
        for (const { vector } of queries()) {
          const query = {
            ...NEAREST_IDS,
            vector,
            k: 3,
            limit: 1000,
            groupBy: 'person',
            groupSize: 2,
          }
          const { matches, complete } = await generation.search(query)
          const all = naive(records, { ...query, k: null }, 'euclidean')
          assert.deepEqual(matches, grouped(records, all, 3, 2))
          assert.equal(complete, true)
        }
      })
    })

    fact('bring metadata and vectors where these are wanted', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      await withPinned(collection, async (generation) => {
        const [{ vector }] = queries() as [NewRecord]
        const include = { metadata: true, vectors: true }
        const query = { ...NEAREST_IDS, vector, k: 5, limit: 5, include }
        const { matches, explain } = await generation.search(query)
        assert.equal(matches.length, 5)
        for (const match of matches) {
          assert.deepEqual(match.metadata, records.get(match.id)!.metadata)
          assert.deepEqual(match.vector, records.get(match.id)!.vector)
        }
        assert.ok(explain.plan.length > 0 && explain.measuredMs >= 0)
      })
    })

    fact('give the same exact answer by every index and accuracy', async ({ engine }) => {
      const { collection } = await filled(engine)
      const { accuracies, exactIndexes } = engine.capabilities
      await withPinned(collection, async (generation) => {
        for (const { vector } of queries()) {
          const query = { ...NEAREST_IDS, vector, k: 10, limit: 10 }
          const { matches } = await generation.search(query)
          for (const exactIndex of exactIndexes) {
            const answer = await generation.search({ ...query, exactIndex })
            assert.deepEqual([answer.matches, answer.exact], [matches, true])
          }
          for (const accuracy of accuracies) {
            const answer = await generation.search({ ...query, accuracy })
            assert.equal(answer.matches.length, 10)
            if (answer.exact) assert.deepEqual(answer.matches, matches)
          }
        }
      })
    })

    fact(
      'say that they are approximate, and are then in order, whole, and fair to records of one vector',
      async ({ engine }) => {
        if (!engine.capabilities.accuracies.includes('approximate')) return
        const { collection, records } = await filled(engine)
        const random = seededRandom(SEED)
        // Many of few vectors, that are replaced and deleted again and again.
        for (let i = 0; i < 400; i++) {
          const id = `r${Math.floor(random() * RECORDS)}`
          if (random() < 0.3) {
            await collection.delete({ ids: [id] })
            records.delete(id)
          } else {
            const vector = vectorOf(`r${Math.floor(random() ** 3 * 40)}`, DIMENSIONS)
            const written = record(id, { vector, metadata: { n: i, colour: 'red' } })
            await collection.put(written)
            records.set(id, written)
          }
          if (i % 4 !== 0) continue
          await withPinned(collection, async (generation) => {
            const { vector } = [...records.values()][Math.floor(random() * records.size)]!
            for (const filter of [null, parseFilter({ n: { $gte: 100 } })]) {
              const k = [1, 7, 30][i % 3]!
              const query = { ...NEAREST_IDS, vector, k, limit: k, filter }
              const all = naive(records, query, 'euclidean')
              for (const accuracy of ['auto', 'approximate'] as const) {
                const { matches, exact } = await generation.search({ ...query, accuracy })
                const what = `seed ${SEED}, write ${i}, ${accuracy}`
                if (exact) assert.deepEqual(matches, all.slice(0, k), what)
                assertFair(matches, all, records, k, what)
              }
            }
          })
        }
      },
    )

    fact('see every write that was acknowledged', async ({ engine }) => {
      const { collection, records } = await filled(engine)
      const random = seededRandom(SEED)
      for (let i = 0; i < 60; i++) {
        const id = `r${Math.floor(random() * RECORDS)}`
        if (random() < 0.4) {
          await collection.delete({ ids: [id] })
          records.delete(id)
        } else {
          const written = record(id, { vector: vectorOf(`${id} ${i}`, DIMENSIONS) })
          await collection.put(written)
          records.set(id, written)
        }
        const query = { ...NEAREST_IDS, vector: vectorOf(`q${i}`, DIMENSIONS), k: 10, limit: 10 }
        await withPinned(collection, async (generation) => {
          const { matches } = await generation.search(query)
          assert.deepEqual(matches, naive(records, query, 'euclidean').slice(0, 10), `write ${i}`)
        })
      }
    })

    fact('end when they are cancelled', async ({ engine }) => {
      const { collection } = await filled(engine)
      await withPinned(collection, async (generation) => {
        const query = { ...NEAREST_IDS, vector: vectorOf('q', DIMENSIONS), k: 10, limit: 10 }
        const signal = AbortSignal.abort(new Error('nobody waits'))
        await assert.rejects(generation.search(query, signal), /nobody waits/)
      })
    })
  })

  describe(`${name}: what it may lack`, () => {
    fact('finds near fingerprints', async ({ engine }) => {
      if (!engine.capabilities.fingerprints) return
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS }))
      const prints = {
        a: '0000000000000000',
        b: '0000000000000003',
        c: '00000000000000ff',
        d: null,
      }
      for (const [id, fingerprint] of Object.entries(prints)) {
        await collection.put(record(id, { image: { ...SAMPLE_IMAGE, fingerprint } }))
      }
      await withPinned(collection, async (generation) => {
        const near = async (id: string, radius: number) => {
          return [...(await generation.nearFingerprints(id, radius, 10))].sort(compareIds)
        }
        assert.deepEqual(await near('a', 1), ['a'])
        assert.deepEqual(await near('a', 2), ['a', 'b'])
        assert.deepEqual(await near('a', 8), ['a', 'b', 'c'])
        assert.deepEqual(await near('d', 16), [])
        assert.equal(generation.withoutFingerprint, 1)
      })
    })

    fact('searches identities by the Hausdorff distance of their sets', async ({ engine }) => {
      if (!engine.capabilities.identities) return
      const { collection, records } = await filled(engine)
      await withPinned(collection, async (generation) => {
        const vectors = [vectorOf('q1', DIMENSIONS), vectorOf('q2', DIMENSIONS)]
        const by = { kind: 'vectors', vectors } as const
        const answer = await generation.searchIdentities({
          by,
          k: 4,
          radius: Number.POSITIVE_INFINITY,
        })
        const sets = new Map<unknown, Float32Array[]>()
        for (const { metadata, vector } of records.values()) {
          const set = sets.get(metadata.person) ?? []
          sets.set(metadata.person, [...set, vector])
        }
        const wanted = [...sets]
          .map(([identity, set]) => ({ identity, distance: hausdorff(vectors, set) }))
          .sort((a, b) => a.distance - b.distance)
          .slice(0, 4)
        assert.deepEqual(
          answer.matches.map(({ identity, distance }) => ({ identity, distance })),
          wanted,
        )
        const unknown = { kind: 'identity', identity: 'nobody' } as const
        await assert.rejects(
          generation.searchIdentities({ by: unknown, k: 1, radius: 1 }),
          failsWith('IDENTITY_NOT_FOUND'),
        )
      })
    })

    fact(
      'ends long work with the reason of its signal, and changes nothing',
      async ({ engine }) => {
        const { collection } = await filled(engine)
        const reason = new AppError('CANCELLED', 'nobody waits')
        const signal = AbortSignal.abort(reason)
        const filter = parseFilter({ n: { $gte: 0 } })
        const { capabilities } = engine
        await withPinned(collection, async (generation) => {
          const query = { ...NEAREST_IDS, vector: vectorOf('q1', DIMENSIONS), k: 3, limit: 3 }
          const by = { kind: 'vectors', vectors: [query.vector] } as const
          const asked = { radius: null, count: null, seed: 3 }
          const scroll = { after: null, limit: 10, filter, vectors: false, searchable: true }
          const works: (() => Promise<unknown>)[] = [
            () => collection.count(filter, signal),
            () => collection.scroll(scroll, signal),
            () => collection.delete({ filter }, signal),
            () => collection.delete({ ids: ['r1', 'r2'] }, signal),
            () => generation.search({ ...query, filter }, signal),
            () => generation.search({ ...query, groupBy: 'colour' }, signal),
          ]
          if (capabilities.identities) {
            works.push(() => generation.searchIdentities({ by, k: 1, radius: 1e9 }, signal))
          }
          if (capabilities.statistics) works.push(() => generation.statistics(asked, signal))
          for (const work of works) await assert.rejects(work(), (error) => error === reason)
        })
        assert.equal(collection.size, RECORDS)
      },
    )
    fact('searches identities without the records of some cameras', async ({ engine }) => {
      if (!engine.capabilities.identities) return
      const { collection, records } = await filled(engine, { cameraField: 'colour' })
      // One has no other records, and so is nowhere.
      const lone = record('lone', { metadata: { colour: 'red', person: 'lone' } })
      await collection.put(lone)
      records.set('lone', lone)
      const vectors = [vectorOf('q1', DIMENSIONS), vectorOf('q2', DIMENSIONS)]
      const by = { kind: 'vectors', vectors } as const
      const search = { by, k: 100, radius: Number.POSITIVE_INFINITY }
      const check = async (withoutCameras: readonly string[]) => {
        const left = [...records.values()].filter(({ metadata }) => {
          return !withoutCameras.includes(String(metadata.colour))
        })
        const sets = new Map<unknown, NewRecord[]>()
        for (const one of left) {
          const { person } = one.metadata
          sets.set(person, [...(sets.get(person) ?? []), one])
        }
        const wanted = [...sets]
          .map(([identity, set]) => {
            const distance = hausdorff(
              vectors,
              set.map(({ vector }) => vector),
            )
            return { identity, distance, records: set.length }
          })
          .sort((a, b) => a.distance - b.distance || compareIds(`${a.identity}`, `${b.identity}`))
        await withPinned(collection, async (generation) => {
          const { matches } = await generation.searchIdentities({ ...search, withoutCameras })
          const found = matches.map(({ identity, distance, records: count }) => {
            return { identity, distance, records: count }
          })
          assert.deepEqual(found, wanted)
        })
      }
      for (const cameras of [[], ['red'], ['blue'], ['red', 'blue'], ['green']])
        await check(cameras)
      // A record whose camera changes, by a patch or by another version, is of the new one at once.
      for (const id of ['r3', 'r4', 'lone']) {
        await collection.patch(id, { colour: 'green' })
        const { metadata, ...rest } = records.get(id)!
        records.set(id, { ...rest, metadata: { ...metadata, colour: 'green' } })
      }
      await check(['red'])
      await check(['green'])
      await collection.put(lone)
      records.set('lone', lone)
      await collection.delete({ ids: ['r3'] })
      records.delete('r3')
      await check(['green'])
      await check(['red'])
    })

    fact('describes distances from a sample', async ({ engine }) => {
      if (!engine.capabilities.statistics) return
      const { collection } = await filled(engine)
      await withPinned(collection, async (generation) => {
        const request = { radius: null, count: null, seed: 3 }
        const first = await generation.statistics(request)
        assert.equal(first.count, RECORDS)
        assert.ok(first.distances !== null)
        const again = await generation.statistics(request)
        assert.deepEqual(again.distances, first.distances)
      })
    })
  })

  describe(`${name}: generations`, () => {
    const model = { model: 'next', modelSha256: 'f'.repeat(64), activeSha256: null }
    const nextVector = (id: string) => vectorOf(`next ${id}`, 3)

    fact(
      'are made beside the active one, and take its place at once',
      async ({ engine, reopen }) => {
        const { collection, records } = await filled(engine, { model: 'first' })
        const pinned = collection.pin()
        const draft = await collection.beginGeneration({ ...model, dimensions: 3 })
        assert.deepEqual([draft.isActive, draft.spec.dimensions, draft.count], [false, 3, 0])
        let after = 0
        for (;;) {
          const { records: lacking, last } = await draft.lacking(after)
          if (last === null) break
          const vectors = lacking.map(({ id, position }) => ({ position, vector: nextVector(id) }))
          assert.equal(await draft.addVectors(vectors), vectors.length)
          assert.equal(await draft.addVectors(vectors), 0)
          after = last
        }
        await draft.load(after)
        assert.equal(draft.count, records.size)
        // What is written while it is loaded belongs to it too.
        const next = { generation: draft.generation, vector: nextVector('late') }
        await collection.put(record('late', { next }))
        await collection.delete({ ids: ['r3'] })
        const { last } = await draft.lacking(after)
        await draft.load(last!)
        assert.equal(draft.count, records.size)
        for (const { id, vector } of await draft.sample(5, seededRandom(SEED))) {
          assert.deepEqual(vector, nextVector(id))
        }
        await assert.rejects(draft.activate(records.size + 1), failsWith('STORE_FAILED'))
        await draft.activate(records.size)
        draft.release()
        assert.deepEqual([collection.spec.model, collection.spec.dimensions], ['next', 3])
        assert.equal(collection.activeGeneration, draft.generation)
        // Who searches the old one still can.
        const old = { ...NEAREST_IDS, vector: records.get('r100')!.vector, k: 1, limit: 1 }
        assert.equal((await pinned.generation.search(old)).matches[0]?.id, 'r100')
        pinned.release()
        for (const open of [async () => engine, reopen]) {
          const now = (await open()).collection('faces')
          assert.equal(now.size, records.size)
          assert.deepEqual((await now.get('late', { vector: true }))?.vector, nextVector('late'))
          await withPinned(now, async (generation) => {
            const query = { ...NEAREST_IDS, vector: nextVector('r5'), k: 1, limit: 1 }
            const { matches } = await generation.search(query)
            assert.deepEqual(matches, [{ id: 'r5', distance: 0 }])
          })
        }
      },
    )

    fact('are resumed, listed and dropped', async ({ engine }) => {
      const { collection } = await filled(engine, { model: 'first' })
      assert.deepEqual(await collection.generations(), [])
      const draft = await collection.beginGeneration({ ...model, dimensions: 3 })
      draft.release()
      const again = await collection.beginGeneration({ ...model, dimensions: 3 })
      again.release()
      assert.equal(again.generation, draft.generation)
      const listed = await collection.generations()
      assert.deepEqual(
        listed.map(({ generation, model: name }) => [generation, name]),
        [
          [0, 'first'],
          [draft.generation, 'next'],
        ],
      )
      await assert.rejects(collection.dropGeneration(0), failsWith('GENERATION_IN_FORCE'))
      await collection.dropGeneration(draft.generation)
      await assert.rejects(
        collection.dropGeneration(draft.generation),
        failsWith('GENERATION_NOT_FOUND'),
      )
      assert.equal((await collection.generations()).length, 1)
    })

    fact('refuse vectors that are not sound', async ({ engine }) => {
      const { collection } = await filled(engine, { model: 'first', metric: 'cosine' })
      const draft = await collection.beginGeneration({ ...model, dimensions: 3 })
      const { records, last } = await draft.lacking(0)
      const [{ position }] = records as [(typeof records)[number]]
      await draft.addVectors([{ position, vector: Float32Array.of(1, 1, 1) }])
      await assert.rejects(draft.load(last!), failsWith('REEMBED_DIFFERS'))
      draft.release()
    })
  })
}

function record(id: string, changes: Partial<NewRecord> = {}): NewRecord {
  return sampleRecord(id, { vector: vectorOf(id, DIMENSIONS), ...changes })
}

/** A collection of records that tie, that share values, and whose ids sort otherwise than their numbers. */
async function filled(
  engine: Engine,
  changes: Partial<CollectionSpec> = {},
): Promise<{ collection: EngineCollection; records: Map<string, NewRecord> }> {
  const spec = sampleSpec({ dimensions: DIMENSIONS, ...changes })
  const { collection } = await engine.create(spec)
  const records = Array.from({ length: RECORDS }, (_, n) => {
    const vector = unitIf(spec.metric, vectorOf(`r${n % 250}`, DIMENSIONS))
    const colour = n % 3 === 0 ? 'red' : 'blue'
    return record(`r${n}`, { vector, metadata: { n, colour, person: `p${n % 20}` } })
  })
  await mapBounded(records, 64, (one) => collection.put(one))
  return { collection, records: new Map(records.map((one) => [one.id, one])) }
}

function unitIf(metric: CollectionSpec['metric'], vector: Float32Array): Float32Array {
  if (metric === 'euclidean') return vector
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

function queries(): NewRecord[] {
  return ['q1', 'q2', 'r5'].map((id) => {
    return record(id, { vector: unitIf('cosine', vectorOf(id, DIMENSIONS)) })
  })
}

function meets(filter: Filter | null): (record: NewRecord) => boolean {
  if (filter === null) return () => true
  const test = compileFilter(filter)
  return ({ metadata }) => test(metadata)
}

/** What a plain loop answers: all records by distance, then id. */
function naive(
  records: ReadonlyMap<string, NewRecord>,
  { vector, filter, without }: EngineQuery,
  metric: CollectionSpec['metric'],
): EngineMatch[] {
  return [...records.values()]
    .filter(meets(filter))
    .filter(({ id }) => !without.includes(id))
    .map(({ id, vector: stored }) => {
      const squared = squaredEuclidean(vector, stored)
      return { id, distance: metric === 'cosine' ? squared / 2 : Math.sqrt(squared) }
    })
    .sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
}

/** The right distances in order, as many as there are, and of the records of one vector those of the least ids. */
function assertFair(
  matches: readonly EngineMatch[],
  all: readonly EngineMatch[],
  records: ReadonlyMap<string, NewRecord>,
  k: number,
  what: string,
): void {
  assert.equal(matches.length, Math.min(k, all.length), what)
  const ids = new Set(matches.map(({ id }) => id))
  assert.deepEqual(
    all.filter(({ id }) => ids.has(id)),
    matches,
    what,
  )
  const seen = new Set<string>()
  for (const { id } of [...all].reverse()) {
    const vector = records.get(id)!.vector.join()
    if (ids.has(id)) seen.add(vector)
    else assert.ok(!seen.has(vector), `${what}: ${id} was passed over`)
  }
}

function grouped(
  records: ReadonlyMap<string, NewRecord>,
  all: readonly EngineMatch[],
  groups: number,
  size: number,
): EngineMatch[] {
  const counts = new Map<unknown, number>()
  return all.flatMap((match) => {
    const group = identityAt(records.get(match.id)!.metadata, fieldPath('person'))!
    const count = counts.get(group) ?? 0
    if (count === size || (count === 0 && counts.size === groups)) return []
    counts.set(group, count + 1)
    return [{ ...match, group }]
  })
}

function hausdorff(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  const directed = (from: readonly Float32Array[], to: readonly Float32Array[]) => {
    return Math.max(...from.map((x) => Math.min(...to.map((y) => squaredEuclidean(x, y)))))
  }
  return Math.sqrt(Math.max(directed(a, b), directed(b, a)))
}

async function idsOf(
  collection: EngineCollection,
  filter: Filter | null = null,
  limit = 50,
): Promise<string[]> {
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const page: readonly StoredRecord[] = await collection.scroll({
      after,
      limit,
      filter,
      vectors: false,
      searchable: true,
    })
    ids.push(...page.map(({ id }) => id))
    const last = page.at(-1)
    if (page.length < limit || last === undefined) return ids
    after = last.id
  }
}

async function allPages(
  generation: PinnedGeneration,
  query: EngineQuery,
): Promise<readonly EngineMatch[]> {
  const found: EngineMatch[] = []
  for (let cursor: string | null = null; ; ) {
    const answer = await generation.search({ ...query, cursor })
    found.push(...answer.matches)
    assert.equal(answer.complete, answer.cursor === null)
    assert.ok(answer.matches.length <= query.limit)
    cursor = answer.cursor
    if (cursor === null) return found
  }
}

async function withPinned(
  collection: EngineCollection,
  use: (generation: PinnedGeneration) => Promise<void>,
): Promise<void> {
  const { generation, release } = collection.pin()
  try {
    await use(generation)
  } finally {
    release()
  }
}

function bySubject(a: IdentityEffect, b: IdentityEffect): number {
  return compareIds(`${a.kind} ${a.subject}`, `${b.kind} ${b.subject}`)
}
