import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Collection } from '../../src/collection/collection.ts'
import type { IdentityValue } from '../../src/engine/identity-value.ts'
import { IDENTITY_DISTANCES } from '../../src/engine/query.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import { type NaiveRecord, naiveIdentities } from '../support/naive-identities.ts'
import { naiveTemplate } from '../support/naive-template.ts'
import { openService } from '../support/service.ts'

const SEED = 20261201
const DIMENSIONS = 6
const IDS = 80
const STEPS = 90
const CHECK_EVERY = 3
const by = { by: null }

const random = seededRandom(SEED)
const draw = (below: number) => Math.floor(random() * below)
const vector = () => Float32Array.from({ length: DIMENSIONS }, () => gaussian(random))

/** A collection, and its records in a plain map that goes through the same changes. */
class Mirrored {
  readonly collection: Collection
  records = new Map<string, NaiveRecord>()
  readonly done = new Map<string, number>()
  #before: ReadonlyMap<string, NaiveRecord> | null = null
  #change = 0
  #version = 0
  #names = 0

  constructor(collection: Collection) {
    this.collection = collection
  }

  async step(): Promise<void> {
    const kinds = [
      'put',
      'put',
      'put',
      'delete',
      'patch',
      'merge',
      'split',
      'assign',
      'rename',
    ] as const
    const kind = this.#before !== null && draw(4) === 0 ? 'undo' : kinds[draw(kinds.length)]!
    if (await this.#do(kind)) this.done.set(kind, (this.done.get(kind) ?? 0) + 1)
  }

  async #do(kind: string): Promise<boolean> {
    const { curation } = this.collection.identities
    const who = this.#sets()
    const [a, b] = [this.#anyOf([...who.keys()]), this.#anyOf([...who.keys()])]
    const known = new Map(this.records)
    if (kind !== 'undo') this.#before = null
    if (kind === 'put') {
      const inputs = Array.from({ length: 3 }, (_, i) => {
        const identity = draw(10) === 0 ? null : `p${draw(12)}`
        return { id: `r${(draw(IDS / 3) * 3 + i) % IDS}`, vector: vector(), identity }
      })
      for (const { id, identity, ...input } of inputs) {
        const metadata = identity === null ? {} : { who: identity }
        await this.collection.addVectors([{ id, ...input, metadata }])
        this.records.set(id, { id, ...input, identity, version: this.#version++ })
      }
      return true
    }
    if (kind === 'delete') {
      const id = `r${draw(IDS)}`
      await this.collection.deleteMany({ ids: [id] })
      return this.records.delete(id)
    }
    if (kind === 'undo') {
      await curation.undo(this.#change, by)
      this.records = new Map(this.#before!)
      this.#before = null
      return true
    }
    if (a === undefined || b === undefined) return false
    if (kind === 'patch') {
      const id = this.#anyOf(who.get(a)!)!
      await this.collection.patchMetadata(id, { who: b })
      this.#move([id], b)
      return true
    }
    const ids = who.get(a)!
    const some = ids.filter((_, i) => i % 2 === 0)
    const name = `n${this.#names++}`
    if (kind === 'merge') {
      if (a === b || (await curation.differences()).has(a, b)) return false
      this.#made(known, await curation.merge({ into: b, from: [a] }, by))
      this.#move(ids, b)
    } else if (kind === 'split') {
      if (some.length === ids.length) return false
      this.#made(known, await curation.split({ identity: a, ids: some, to: name }, by))
      this.#move(some, name)
    } else if (kind === 'assign') {
      const identity = draw(3) === 0 ? null : b
      const assigned = await curation.assign({ ids: some, identity }, by)
      if (assigned.change === null) return false
      this.#made(known, assigned)
      this.#move(some, identity)
    } else {
      this.#made(known, await curation.edit(a, { identity: name }, by))
      this.#move(ids, name)
    }
    return true
  }

  #made(before: ReadonlyMap<string, NaiveRecord>, { change }: { change: number | null }): void {
    this.#before = before
    this.#change = change!
  }

  #move(ids: readonly string[], identity: IdentityValue | null): void {
    for (const id of ids) this.records.set(id, { ...this.records.get(id)!, identity })
  }

  #sets(): Map<IdentityValue, string[]> {
    const sets = new Map<IdentityValue, string[]>()
    for (const { id, identity } of this.records.values()) {
      if (identity !== null) sets.set(identity, [...(sets.get(identity) ?? []), id])
    }
    return sets
  }

  #anyOf<T>(items: readonly T[]): T | undefined {
    return items[draw(items.length)]
  }
}

async function compare({ collection, records }: Mirrored, step: number): Promise<void> {
  const vectors = [vector(), vector()]
  const examples = vectors.map((one) => ({ kind: 'vector', vector: one }) as const)
  const query = { kind: 'examples', examples } as const
  for (const distance of IDENTITY_DISTANCES) {
    const where = `${distance}, seed ${SEED}, step ${step}`
    const asked = { query, distance, k: 1000, radius: null, explain: false }
    const { identities } = await collection.identities.search(asked)
    if (distance !== 'template') {
      const expected = naiveIdentities(records.values(), vectors, Math.sqrt, distance)
      assert.deepEqual(identities, expected, where)
      continue
    }
    const own = naiveTemplate(vectors, false)
    const nearest = naiveIdentities(records.values(), vectors, Math.sqrt, 'nearest')
    const members = [...records.values()]
    const wanted = nearest.map(({ identity }) => {
      const set = members.filter((record) => record.identity === identity)
      const centre = naiveTemplate(
        set.map((record) => record.vector as Float32Array),
        false,
      )
      return { identity, distance: Math.hypot(...centre.map((value, i) => value - own[i]!)) }
    })
    wanted.sort((a, b) => a.distance - b.distance)
    assert.deepEqual(
      identities.map(({ identity }) => identity),
      wanted.map(({ identity }) => identity),
      where,
    )
    identities.forEach((one, i) => {
      assertClose(one.distance, wanted[i]!.distance, where, 1e-5)
    })
  }
}

test('every distance of identities is that of a loop over all records, through writes, deletions, merges, splits and undo', async () => {
  const service = await openService()
  try {
    const spec = { dimensions: DIMENSIONS, metric: 'euclidean', identityField: 'who' } as const
    await service.collections.create({ name: 'mirrored', ...spec })
    const mirrored = new Mirrored(service.collections.get('mirrored'))
    for (let step = 0; step < STEPS; step++) {
      await mirrored.step()
      if (step % CHECK_EVERY === 0) await compare(mirrored, step)
    }
    const often = ['put', 'delete', 'patch', 'merge', 'split', 'assign', 'rename', 'undo']
    for (const kind of often) assert.ok((mirrored.done.get(kind) ?? 0) > 0, `${kind}, seed ${SEED}`)
  } finally {
    await service.close()
  }
})
