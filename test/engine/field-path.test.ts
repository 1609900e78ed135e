import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fieldPath,
  meetsAt,
  valueAt,
  withoutValueAt,
  withValueAt,
} from '../../src/engine/field-path.ts'
import type { Metadata, MetadataValue } from '../../src/engine/metadata.ts'

/** All values that a field leads to. */
function valuesAt(metadata: Metadata, name: string): readonly MetadataValue[] | null {
  const values: MetadataValue[] = []
  const met = meetsAt(metadata, fieldPath(name), (value) => {
    values.push(value)
    return false
  })
  assert.equal(met, values.length === 0 ? undefined : false)
  return met === undefined ? null : values
}

const CASES: readonly [what: string, metadata: string, name: string, values: unknown][] = [
  ['a plain name is a member', '{"a":1}', 'a', [1]],
  ['a name with dots is the member of that name', '{"tb_9.6.11":"u1"}', 'tb_9.6.11', ['u1']],
  ['or leads into objects', '{"tb_9":{"6":{"11":"u1"}}}', 'tb_9.6.11', ['u1']],
  ['the member of that name comes first', '{"a":{"b":1},"a.b":2}', 'a.b', [2]],
  ['also deeper', '{"m":{"a":{"b":1},"a.b":2}}', 'm.a.b', [2]],
  ['dots may stand in the first part', '{"a.b":{"c":3}}', 'a.b.c', [3]],
  ['a member that leads nowhere is passed over', '{"a.b":5,"a":{"b":{"c":7}}}', 'a.b.c', [7]],
  ['dots may begin and end a name', '{"No.":1,".x":2,"a..b":3}', 'No.', [1]],
  ['two dots are a member only as written', '{"a..b":3}', 'a..b', [3]],
  ['a list of objects leads to all', '{"c":[{"n":"red"},{"n":"blue"},{}]}', 'c.n', ['red', 'blue']],
  ['lists within objects of lists', '{"a":[{"b":[{"c":1}]},{"b":{"c":2}}]}', 'a.b.c', [1, 2]],
  ['a list of lists is not entered', '{"a":[[{"b":1}]]}', 'a.b', null],
  ['a list in the end is one value', '{"a":{"b":[1,2]}}', 'a.b', [[1, 2]]],
  ['null is a value', '{"a":{"b":null}}', 'a.b', [null]],
  ['a list has no length', '{"tags":["x","y"]}', 'tags.length', null],
  ['a list has no positions', '{"tags":["x","y"]}', 'tags.0', null],
  ['text has no length', '{"name":"ann"}', 'name.length', null],
  ['what objects inherit is no member', '{"a":{}}', 'constructor', null],
  ['nor deeper', '{"a":{}}', 'a.__proto__', null],
  ['nor of a list', '{"a":[]}', 'a.constructor.name', null],
  ['__proto__ may be a member', '{"__proto__":{"toString":1}}', '__proto__.toString', [1]],
  ['an empty list leads nowhere', '{"a":[]}', 'a.b', null],
  ['the empty name is a member', '{"":1}', '', [1]],
]

for (const [what, metadata, name, values] of CASES) {
  test(`fields: ${what}`, () => assert.deepEqual(valuesAt(JSON.parse(metadata), name), values))
}

test('one value is wanted: a list on the way has none, a list in the end is it', () => {
  const metadata: Metadata = JSON.parse('{"c":[{"n":"red"}],"a.b":[1],"d":{"e":{"f":false}}}')
  assert.equal(valueAt(metadata, fieldPath('c.n')), undefined)
  assert.deepEqual(valueAt(metadata, fieldPath('a.b')), [1])
  assert.equal(valueAt(metadata, fieldPath('d.e.f')), false)
  assert.equal(valueAt(metadata, fieldPath('d.f')), undefined)
})

test('a name of 100,000 dots is looked up in moments', () => {
  const name = `a${'.a'.repeat(100_000)}`
  assert.deepEqual(valuesAt({ [name]: 1, a: { a: 2 } }, name), [1])
  assert.equal(valuesAt({ a: { a: 2 } }, name), null)
})

test('a field gets another value where its value is found, or as a member of the object in which it ends', () => {
  const cases: readonly [before: string, name: string, after: string][] = [
    ['{"a":1,"b":2}', 'a', '{"a":9,"b":2}'],
    ['{"a":{"b":1}}', 'a.b', '{"a":{"b":9}}'],
    ['{"a":{"b":1},"a.b":2}', 'a.b', '{"a":{"b":1},"a.b":9}'],
    ['{"a.b":5,"a":{"b":{"c":7}}}', 'a.b.c', '{"a.b":5,"a":{"b":{"c":9}}}'],
    ['{"a":[1]}', 'a.b', '{"a":[1],"a.b":9}'],
    ['{"a":null}', 'a', '{"a":9}'],
    ['{}', 'a.b', '{"a.b":9}'],
    ['{"a":{}}', 'a.b', '{"a":{"b":9}}'],
    ['{"a":{"b":{"x":1}}}', 'a.b.c', '{"a":{"b":{"x":1,"c":9}}}'],
    ['{"a":{"x":1}}', 'a.b.c', '{"a":{"x":1,"b.c":9}}'],
    ['{"a.b":{},"a":{}}', 'a.b.c', '{"a.b":{"c":9},"a":{}}'],
    ['{"__proto__":{"x":1}}', '__proto__.x', '{"__proto__":{"x":9}}'],
  ]
  for (const [before, name, after] of cases) {
    const path = fieldPath(name)
    const metadata = JSON.parse(before) as Metadata
    const changed = withValueAt(metadata, path, name, 9)
    assert.equal(JSON.stringify(changed), after)
    assert.equal(valueAt(changed, path), 9)
    const back = withValueAt(changed, path, name, valueAt(metadata, path))
    assert.equal(JSON.stringify(back), before)
  }
})

test('a value that is taken away is put back where it was', () => {
  for (const before of ['{"a":{"b":1}}', '{"a":{"b.c":1}}', '{"a.b":1}', '{"a":{"b":{"c":1}}}']) {
    for (const name of ['a.b', 'a.b.c']) {
      const path = fieldPath(name)
      const metadata = JSON.parse(before) as Metadata
      const value = valueAt(metadata, path)
      if (typeof value !== 'number') continue
      const taken = withValueAt(metadata, path, name, undefined)
      assert.equal(JSON.stringify(withValueAt(taken, path, name, value)), before)
    }
  }
})

test('where a field leads to a second value behind the first, both are taken away', () => {
  const both: Metadata = { 'a.b': 1, a: { b: 2, c: 3 } }
  assert.deepEqual(withoutValueAt(both, fieldPath('a.b'), 'a.b'), { a: { c: 3 } })
  assert.deepEqual(withoutValueAt({ x: 1 }, fieldPath('a.b'), 'a.b'), { x: 1 })
})
