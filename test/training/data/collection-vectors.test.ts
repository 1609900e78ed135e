import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backboneOf, collectionVectors } from '../../../src/training/data/collection-vectors.ts'
import { failsWith } from '../../support/errors.ts'

type Collection = Parameters<typeof collectionVectors>[0]

test('records give unit vectors with their labels, and those without a label are left out and counted', async () => {
  const record = (colour: unknown, vector: number[]) => ({ metadata: { colour }, vector })
  const pages = [
    [record('red', [3, 4]), record(['blue'], [1, 0])],
    [record(7, [0, 2]), record(null, [1, 1]), record(true, [5, 0])],
  ]
  const page = async ({ cursor }: { cursor?: string | null }) => {
    const at = Number(cursor ?? 0)
    return { records: pages[at]!, cursor: at + 1 < pages.length ? String(at + 1) : null }
  }
  const collection = { spec: { name: 'c', dimensions: 2 }, page } as unknown as Collection
  const notes: string[] = []
  const { signal } = new AbortController()
  const onNote = (line: string) => notes.push(line)
  const { labels, vectors } = await collectionVectors(collection, 'colour', { onNote, signal })
  assert.deepEqual(labels, ['red', '7', 'true'])
  assert.deepEqual(vectors.values, Float32Array.of(0.6, 0.8, 0, 1, 1, 0))
  assert.deepEqual(notes, ['left out records whose colour is no label: 2'])
})

test('the field of a label may have dots, as that of a filter', async () => {
  const records = [
    { metadata: { 'a.b': 'written' }, vector: [1, 0] },
    { metadata: { a: { b: 'nested' } }, vector: [0, 1] },
    { metadata: { a: [{ b: 'listed' }] }, vector: [1, 1] },
  ]
  const page = async () => ({ records, cursor: null })
  const collection = { spec: { name: 'c', dimensions: 2 }, page } as unknown as Collection
  const { signal } = new AbortController()
  const { labels } = await collectionVectors(collection, 'a.b', { onNote: () => {}, signal })
  assert.deepEqual(labels, ['written', 'nested'])
})

test('the vectors of a collection without a model are features of none', () => {
  const spec = { name: 'c', model: null } as unknown as Parameters<typeof backboneOf>[0]
  assert.throws(() => backboneOf(spec), failsWith('COLLECTION_WITHOUT_MODEL', 'got c'))
  assert.equal(backboneOf({ ...spec, model: 'm' }), 'm')
})
