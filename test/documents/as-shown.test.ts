import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAsShown } from '../support/documents/as-shown.ts'

function isAsShown(printed: string, shown: string, anyNumber = false): boolean {
  try {
    assertAsShown(printed, shown, { given: new Map(), anyNumber, about: '' })
    return true
  } catch {
    return false
  }
}

for (const { what, printed, shown, same } of [
  { what: 'the same', printed: '{"a":[1,"b"]}', shown: '{ "a": [1, "b"] }', same: true },
  { what: 'another word', printed: 'cat 1', shown: 'dog 1', same: false },
  { what: 'another count', printed: '703 added', shown: '704 added', same: false },
  { what: 'more than is shown', printed: '{"a":1,"b":2}', shown: '{ "a": 1 }', same: false },
  { what: 'less than is shown', printed: 'one', shown: 'one two', same: false },
  { what: 'what … hides', printed: '{"a":1,"b":{"c":2}}', shown: '{ "a": 1, … }', same: true },
  { what: 'a word behind …', printed: '{"a":1,"b":2}', shown: '{ …, "c": 2 }', same: false },
  { what: 'a distance rounded otherwise', printed: '0.28831', shown: '0.28827', same: true },
  { what: 'another distance', printed: '0.3011', shown: '0.2883', same: false },
  { what: 'a time', printed: 'in 3 s', shown: 'in 17.1 s', same: true },
  { what: 'milliseconds', printed: '{"xMs":9,"k":1}', shown: '{"xMs":2,"k":1}', same: true },
]) {
  test(`${what} is ${same ? '' : 'not '}as shown`, () => {
    assert.equal(isAsShown(printed, shown), same)
  })
}

for (const { what, printed, shown, same } of [
  { what: 'another loss', printed: 'loss 7.52', shown: 'loss 3.10', same: true },
  { what: 'another count', printed: '17 of 300', shown: '21 of 300', same: true },
  { what: 'a rate near it', printed: 'Recall 0.874', shown: 'Recall 0.910', same: true },
  { what: 'a rate far from it', printed: 'Recall 0.000', shown: 'Recall 0.910', same: false },
  { what: 'a rate above 1', printed: 'Recall 1.500', shown: 'Recall 0.910', same: false },
  { what: 'a count of another sign', printed: '-2', shown: '2', same: false },
  { what: 'a gain of another sign', printed: 'by -0.90', shown: 'by +0.10', same: false },
  { what: 'an end of an interval about 0', printed: '(+0.01', shown: '(-0.01', same: true },
  { what: 'another word', printed: 'a 0.5', shown: 'b 0.5', same: false },
]) {
  test(`where numbers differ, ${what} is ${same ? '' : 'not '}as shown`, () => {
    assert.equal(isAsShown(printed, shown, true), same)
  })
}

test('an id that the service makes is the same wherever a document shows it', () => {
  const [shown, one, other] = ['a', 'b', 'c'].map(
    (c) => `${c.repeat(8)}-0000-0000-0000-${c.repeat(12)}`,
  )
  const comparison = { given: new Map<string, string>(), anyNumber: false, about: '' }
  assertAsShown(`{"id":"${one}"}`, `{"id":"${shown}"}`, comparison)
  assert.equal(comparison.given.get(shown!), one)
  assert.throws(() => assertAsShown(`{"id":"${other}"}`, `{"id":"${shown}"}`, comparison))
})
