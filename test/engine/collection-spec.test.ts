import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkCollectionName,
  checkId,
  checkNewId,
  compareIds,
} from '../../src/engine/collection-spec.ts'

test('ids are ordered by the bytes of their UTF-8', () => {
  const ids = [
    'a',
    'B',
    'aa',
    '',
    'é',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '😀',
    '😁',
    'a😀',
    'a\uffff',
    'z',
  ]
  const byBytes = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  assert.deepEqual([...ids].sort(compareIds), byBytes)
})

test('an id may hold slashes, spaces and emoji up to 512 bytes', () => {
  for (const id of ['a/b c', '😀', 'x'.repeat(512), '..', '%2F']) assert.equal(checkId(id), id)
})

for (const [name, id] of [
  ['empty', ''],
  ['513 bytes long', 'x'.repeat(513)],
  ['a lone surrogate', '\ud800'],
  ['with a NUL', 'a\0b'],
] as const) {
  test(`an id that is ${name} is refused`, () => {
    assert.throws(() => checkId(id), { code: 'INVALID_ID' })
  })
}

test('a new id is none that addresses drop from their path, while an old one is still known', () => {
  for (const id of ['.', '..']) {
    assert.throws(() => checkNewId(id), { code: 'INVALID_ID', message: /addresses drop/ })
    assert.equal(checkId(id), id)
  }
  for (const id of ['...', 'a/..', '.a']) assert.equal(checkNewId(id), id)
  assert.throws(() => checkNewId(''), { code: 'INVALID_ID' })
})

test('a collection name is a plain word', () => {
  assert.equal(checkCollectionName('people-2.v_1'), 'people-2.v_1')
  for (const name of ['', '.x', 'a/b', 'é', 'x'.repeat(129), '../up']) {
    assert.throws(() => checkCollectionName(name), { code: 'INVALID_NAME' }, name)
  }
})
