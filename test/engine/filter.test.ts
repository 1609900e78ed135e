import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFilter, filterCost, parseFilter } from '../../src/engine/filter.ts'
import { type Metadata, parseMetadataText } from '../../src/engine/metadata.ts'

const RECORDS = [
  { id: 'a', person: 'ann', age: 30, tags: ['red', 'tall'], place: { city: 'Brno', floor: 2 } },
  { id: 'b', person: 'bob', age: 41, tags: [], vip: true },
  { id: 'c', person: null, age: '30', vip: false },
  { id: 'd' },
] as const

const TWO_ELEMENTS = { $and: [{ tags: { $gt: 'rz' } }, { tags: { $lt: 's' } }] }

function found(filter: unknown): string {
  const test = compileFilter(parseFilter(filter))
  return RECORDS.filter((record) => test(record))
    .map((record) => record.id)
    .join('')
}

const CASES: readonly [string, unknown, string][] = [
  ['an empty filter meets all', {}, 'abcd'],
  ['a bare value means equal', { person: 'ann' }, 'a'],
  ['members are joined by and', { person: 'bob', vip: true }, 'b'],
  ['a number is not the string of it', { age: 30 }, 'a'],
  ['true is not 1', { vip: 1 }, ''],
  ['null is a value, and not a missing field', { person: null }, 'c'],
  ['$ne is met where the field is missing', { person: { $ne: 'ann' } }, 'bcd'],
  ['$in', { person: { $in: ['ann', 'bob'] } }, 'ab'],
  ['$in nothing meets nothing', { person: { $in: [] } }, ''],
  ['$nin', { person: { $nin: ['ann', null] } }, 'bd'],
  ['an array is met by one of its elements', { tags: 'tall' }, 'a'],
  ['$ne on an array: no element equal', { tags: { $ne: 'red' } }, 'bcd'],
  ['$gt compares numbers with numbers', { age: { $gt: 29 } }, 'ab'],
  ['$gte and $lt make a band', { age: { $gte: 30, $lt: 41 } }, 'a'],
  ['$lte compares strings by code unit', { person: { $lte: 'b' } }, 'a'],
  ['$exists', { vip: { $exists: true } }, 'bc'],
  ['$exists false', { vip: { $exists: false } }, 'ad'],
  ['$or', { $or: [{ person: 'ann' }, { vip: false }] }, 'ac'],
  ['$and', { $and: [{ age: { $gt: 1 } }, { vip: true }] }, 'b'],
  ['$not of a group', { $not: { person: 'ann' } }, 'bcd'],
  ['$not of an operator', { age: { $not: { $gt: 35 } } }, 'acd'],
  ['dots go into objects', { 'place.city': 'Brno', 'place.floor': { $lte: 2 } }, 'a'],
  ['a band of one number', { age: { $gte: 41, $lte: 41 } }, 'b'],
  ['a band may stand beside a value in it', { age: { $in: [1, 41], $gt: 2, $lt: 50 } }, 'b'],
  ['an empty list beside bounds meets nothing', { age: { $in: [], $gt: 2 } }, ''],
  ['no field may stand beside a negation', { vip: { $exists: false, $ne: true } }, 'ad'],
  ['different elements of a list by $and', TWO_ELEMENTS, 'a'],
  ['a list has no length', { 'tags.length': 2 }, ''],
  ['empty groups change nothing in $and', { $and: [{}, { vip: true }, {}] }, 'b'],
  ['an empty group in $or lets all through', { $or: [{ vip: true }, {}] }, 'abcd'],
  ['what is negated twice holds', { $not: { $not: { vip: true } } }, 'b'],
  ['inherited names are not fields', { constructor: { $exists: true } }, ''],
]

for (const [name, filter, ids] of CASES) {
  test(`filter: ${name}`, () => assert.equal(found(filter), ids))
}

const LIST = Array.from({ length: 30 }, (_, i) => i)

const REFUSED: readonly [string, unknown, RegExp][] = [
  ['an unknown operator', { age: { $near: 3 } }, /\$near/],
  ['an unknown operator at the top', { $nor: [] }, /\$nor/],
  ['a list as a filter', [], /a list|an empty list/],
  ['an object to be equal to', { age: { $eq: {} } }, /an object/],
  ['$in without a list', { age: { $in: 3 } }, /3/],
  ['$or without filters', { $or: [] }, /at least one/],
  ['$gt with null', { age: { $gt: null } }, /null/],
  ['$exists with a number', { age: { $exists: 1 } }, /1/],
  ['no operator at all', { age: {} }, /none/],
  ['an empty name', { '': 1 }, /a field name, got ""/],
  ['an empty filter to negate', { $not: {} }, /filter\.\$not.* none/],
  [
    'a band with its ends exchanged',
    { age: { $gt: 5, $lt: 3 } },
    /filter\.age .*\$gt 5 and \$lt 3/,
  ],
  ['a band without a number', { age: { $gte: 5, $lt: 5 } }, /\$gte 5 and \$lt 5/],
  ['a band of a number and a text', { age: { $gte: 5, $lte: '9' } }, /\$gte 5 and \$lte "9"/],
  ['a band of texts with its ends exchanged', { a: { $gt: 'b', $lte: 'a' } }, /\$gt "b"/],
  ['a value outside the band', { age: { $eq: 5, $gt: 7 } }, /\$eq and \$gt 7/],
  ['a value of another type than the band', { age: { $eq: null, $gt: 7 } }, /\$eq and \$gt 7/],
  ['a list outside the band', { age: { $in: [1, 2], $gte: 3 } }, /\$in and \$gte 3/],
  ['a value and its negation', { age: { $eq: 5, $ne: 5 } }, /\$eq and \$ne of 5/],
  ['a value that $in does not have', { age: { $eq: 5, $in: [6] } }, /\$eq 5/],
  ['a value of no field', { age: { $exists: false, $eq: 5 } }, /\$eq of a field that/],
  ['a bound of no field', { age: { $exists: false, $gt: 5 } }, /\$gt of a field that/],
  ['a contradiction in a negation', { age: { $not: { $gt: 5, $lt: 3 } } }, /\$gt 5 and \$lt 3/],
  ['too many values', { age: { $in: Array(2000).fill(1) } }, /1024/],
  ['values that are too many together', { $or: Array(40).fill({ age: { $in: LIST } }) }, /1024/],
  ['60,000 empty groups', { $and: Array(60_000).fill({}) }, /at most 1024 conditions/],
  ['empty groups below each other', { $or: Array(600).fill({ $and: [{}, {}] }) }, /1024/],
  ['empty groups beside conditions', { a: { $in: LIST }, $and: Array(1000).fill({}) }, /1024/],
  ['a path of 60,000 names', { [Array(60_000).fill('a').join('.')]: 1 }, /1024/],
  ['a name of more than a megabyte', { ['n'.repeat(1_100_000)]: 1 }, /1048576 characters/],
  ['long values', { a: { $in: Array(20).fill('v'.repeat(60_000)) } }, /1048576 characters/],
]

for (const [name, filter, message] of REFUSED) {
  test(`filter: refuses ${name}`, () => {
    assert.throws(() => parseFilter(filter), { code: 'INVALID_FILTER', message })
  })
}

test('filter: refuses nesting of 100 levels, by $and, $not and the operator $not', () => {
  for (const wrap of [
    (inner: unknown) => ({ $and: [inner] }),
    (inner: unknown) => ({ $not: inner }),
  ]) {
    let filter: unknown = { a: 1 }
    for (let i = 0; i < 100; i++) filter = wrap(filter)
    assert.throws(() => parseFilter(filter), { code: 'INVALID_FILTER', message: /32 deep/ })
  }
  let operand: unknown = { $gt: 1 }
  for (let i = 0; i < 100; i++) operand = { $not: operand }
  assert.throws(() => parseFilter({ a: operand }), { code: 'INVALID_FILTER', message: /32 deep/ })
})

test('filter: 1,024 conditions and values are taken, however they are grouped', () => {
  const conditions = Array.from({ length: 1024 }, (_, i) => ({ [`n${i}`]: i }))
  for (const filter of [
    { $or: conditions },
    { $not: { $and: conditions.map((one) => ({ $or: [{ $and: [one] }] })) } },
    Object.assign({}, ...conditions),
    { n: { $in: conditions.map((_, i) => i) } },
  ]) {
    assert.doesNotThrow(() => parseFilter(filter))
    assert.throws(() => parseFilter(filter, 1023), { code: 'INVALID_FILTER', message: /1023/ })
  }
})

test('filter: groups that decide nothing are not evaluated', () => {
  const one = parseFilter({ a: 1 })
  for (const filter of [
    { $and: [{}, { $or: [{ $and: [{ a: 1 }, {}] }] }] },
    { $and: [{ $or: [{ a: 1 }] }, {}] },
    { $not: { $not: { $not: { $not: { a: 1 } } } } },
    { a: { $not: { $ne: 1 } } },
  ]) {
    assert.deepEqual(parseFilter(filter), one, JSON.stringify(filter))
  }
  assert.equal(filterCost(parseFilter({ $and: Array(1000).fill({}) })), 1)
  assert.equal(filterCost(parseFilter({ 'a.b.c': { $gt: 1 } })), 3)
})

test('filter: the message of a refusal is short, however long the filter', () => {
  for (const filter of [
    { ['n'.repeat(500_000)]: {} },
    { $and: [{ ['n'.repeat(500_000)]: { $eq: { x: 'y'.repeat(1000) } } }] },
  ]) {
    assert.throws(
      () => parseFilter(filter),
      ({ message }: Error) => message.length < 1100,
    )
  }
})

const LISTED: Metadata = { colours: [{ name: 'red', share: 0.7 }, { name: 'blue' }, 'none'] }

for (const [filter, meets] of [
  [{ 'colours.name': 'red' }, true],
  [{ 'colours.name': 'blue' }, true],
  [{ 'colours.name': 'green' }, false],
  [{ 'colours.name': { $ne: 'blue' } }, false],
  [{ 'colours.share': { $gt: 0.5 } }, true],
  [{ 'colours.share': { $exists: true } }, true],
  [{ 'colours.length': { $exists: true } }, false],
  [{ colours: 'none' }, true],
] as const) {
  test(`a list of objects ${meets ? 'meets' : 'does not meet'} ${JSON.stringify(filter)}`, () => {
    assert.equal(compileFilter(parseFilter(filter))(LISTED), meets)
  })
}

test('metadata: a member named __proto__ is data like any other', () => {
  const metadata = parseMetadataText('{"__proto__": {"admin": true}}')
  assert.equal(compileFilter(parseFilter({ admin: true }))(metadata), false)
})
