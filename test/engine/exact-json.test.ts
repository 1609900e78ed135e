import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numeralFault, parseExactJson } from '../../src/engine/exact-json.ts'
import { AppError } from '../../src/errors.ts'
import { seededRandom } from '../../src/vector/random.ts'

const SEED = 7

for (const numeral of [
  '0',
  '-0',
  '0.0e-999',
  '0e400',
  '1.50',
  '-12',
  '9007199254740991',
  '-9007199254740991',
  '123456789012345.678901234567890123456789',
  '0.1000000000000000055511151231257827',
  '1e16',
  '6.02214076e+23',
  '1.7976931348623157E308',
  '5e-324',
  `0.${'0'.repeat(300)}1`,
]) {
  test(`the number ${numeral.slice(0, 50)} is read to the nearest double`, () => {
    assert.equal(numeralFault(numeral), null)
    assert.deepEqual(parseExactJson(`{"a":[${numeral}]}`), { a: [Number(numeral)] })
  })
}

for (const numeral of [
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '215250709085334180',
  '215250709085334181',
  '9007199254740993.0',
  '9007199254740993.5',
  '1e400',
  '-1E+400',
  '1e0000000000400',
  '1e99999999999999999999',
  '123456789e301',
  `1${'0'.repeat(309)}`,
  `1${'0'.repeat(220)}e99`,
  '1e-400',
  '-4.9e-0325',
  '2e-324',
  `0.${'0'.repeat(330)}1`,
  `0.${'0'.repeat(240)}1e-99`,
]) {
  test(`the number ${numeral.slice(0, 50)} is refused by its name, with the cure`, () => {
    for (const text of [numeral, ` [1,{"a": ${numeral} }]`, `{"a":[${numeral},0.5]}`]) {
      assert.throws(
        () => parseExactJson(text),
        (error) => {
          assert.ok(error instanceof AppError)
          assert.equal(error.code, 'INVALID_NUMBER')
          assert.ok(error.message.includes(`got ${numeral.slice(0, 40)}`), error.message)
          assert.match(error.message, /send it as text/)
          return true
        },
      )
    }
  })
}

test('what is text is never a number, wherever digits stand in it', () => {
  for (const text of [
    '"215250709085334180"',
    '" 215250709085334180 "',
    '"a: 215250709085334180, 1e400"',
    '"\\"215250709085334180, 1e400"',
    '"\\\\",[1,"[215250709085334180]"]',
    '"é 215250709085334180 😀 [1e400]"',
  ]) {
    const json = `[${text}]`
    assert.deepEqual(parseExactJson(json), JSON.parse(json))
    assert.deepEqual(parseExactJson(`{"k":${json}}`), JSON.parse(`{"k":${json}}`))
  }
  assert.deepEqual(parseExactJson('{"215250709085334180":1,"1e400":2}'), {
    '215250709085334180': 1,
    '1e400': 2,
  })
})

test('exactly the numbers that change are named, each by its place, up to 16', () => {
  const random = seededRandom(SEED)
  for (let i = 0; i < 400; i++) {
    const made = document(random)
    const because = `seed ${SEED}, document ${i}: ${made.text}`
    if (made.bad.length === 0) {
      assert.deepEqual(parseExactJson(made.text), JSON.parse(made.text), because)
      continue
    }
    assert.throws(
      () => parseExactJson(made.text),
      (error) => {
        assert.ok(error instanceof AppError, because)
        const paths = error.issues.map(({ path }) => path)
        assert.deepEqual(paths, made.bad.slice(0, 16), because)
        return true
      },
    )
  }
})

const GOOD = [
  '0',
  '-1.5e-7',
  '12345678901234.5',
  '0.12345678901234567',
  '9007199254740991',
  '1e300',
]
const BAD = ['9007199254740993', '-215250709085334180', '1e999', '3E-999', '12345678901234567.25']
const NAMES = ['a', 'b/c', 'd~e', 'f"g', 'h\\', '1e400', '215250709085334180', 'é']

/** Makes a text and the pointers to its bad numbers together, without reading it. */
function document(random: () => number): { text: string; bad: string[] } {
  const bad: string[] = []
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const space = () => pick(['', '', ' ', '\n', '\t '])
  const write = (path: string, depth: number): string => {
    const kind = random()
    if (depth > 3 || kind < 0.35) {
      if (random() < 0.08) {
        bad.push(path)
        return pick(BAD)
      }
      return pick(GOOD)
    }
    if (kind < 0.5) return JSON.stringify(` ${pick(BAD)}, ${pick(NAMES)} ${pick(GOOD)}`)
    if (kind < 0.55) return pick(['true', 'null', '""', '[]', '{}'])
    const size = Math.floor(random() * 4)
    if (kind < 0.8) {
      const items = Array.from({ length: size }, (_, i) => {
        return `${space()}${write(`${path}/${i}`, depth + 1)}${space()}`
      })
      return `[${items.join(',')}]`
    }
    const names = new Set(Array.from({ length: size }, () => pick(NAMES)))
    const members = Array.from(names, (name) => {
      const token = name.replaceAll('~', '~0').replaceAll('/', '~1')
      const value = write(`${path}/${token}`, depth + 1)
      return `${space()}${JSON.stringify(name)}${space()}:${space()}${value}${space()}`
    })
    return `{${members.join(',')}}`
  }
  const text = `${space()}${write('', 0)}${space()}`
  return { text, bad }
}
