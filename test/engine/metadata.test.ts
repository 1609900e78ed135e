import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Metadata,
  type MetadataValue,
  mergeMetadata,
  metadataPatch,
  parseMetadata,
  parseMetadataText,
} from '../../src/engine/metadata.ts'
import { seededRandom } from '../../src/vector/random.ts'

// The test cases of RFC 7396, appendix A, whose target and patch are objects.
const RFC_7396: readonly [string, string, string][] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
]

for (const [target, patch, result] of RFC_7396) {
  test(`metadata: ${target} merged with ${patch} is ${result}`, () => {
    const merged = mergeMetadata(JSON.parse(target), JSON.parse(patch))
    assert.equal(JSON.stringify(merged), result)
  })
}

test('metadata: merging changes no prototype', () => {
  const merged = mergeMetadata({}, JSON.parse('{"__proto__":{"admin":1}}'))
  assert.equal((merged as { admin?: number }).admin, undefined)
  assert.equal(JSON.stringify(merged), '{"__proto__":{"admin":1}}')
})

for (const [stored, target, patch] of [
  ['{}', '{}', 'null'],
  ['{"a":1}', '{"a":1}', 'null'],
  ['{"a":1}', '{"a":2}', '{"a":2}'],
  ['{"a":1}', '{"a":"1"}', '{"a":"1"}'],
  ['{"a":1,"b":2}', '{"b":2}', '{"a":null}'],
  ['{"a":[1,2]}', '{"a":[2,1]}', '{"a":[2,1]}'],
  ['{"a":{"b":1,"c":2}}', '{"a":{"b":1}}', '{"a":{"c":null}}'],
  ['{"a":{"b":1}}', '{"a":1}', '{"a":1}'],
  ['{"a":1}', '{"a":{"b":1}}', '{"a":{"b":1}}'],
  ['{"a":null}', '{}', 'null'],
  ['{}', '{"a":null}', 'null'],
  ['{"a":1}', '{"a":null}', '{"a":null}'],
  ['{}', '{"__proto__":1}', '{"__proto__":1}'],
] as const) {
  test(`metadata: the patch from ${stored} to ${target} is ${patch}`, () => {
    const made = metadataPatch(JSON.parse(stored), JSON.parse(target))
    assert.equal(JSON.stringify(made), patch)
  })
}

/** Random metadata of few names, so that two of them have members in common. */
function randomMetadata(random: () => number, depth = 0): Metadata {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!
  const value = (): MetadataValue => {
    if (depth < 2 && random() < 0.4) return randomMetadata(random, depth + 1)
    return pick<MetadataValue>([1, 2, '1', '', true, false, null, [], [1, null], [{ a: 1 }]])
  }
  const names = ['a', 'b', 'c', '__proto__'].filter(() => random() < 0.6)
  return Object.fromEntries(names.map((name) => [name, value()]))
}

/** The same without members that are null, which a merge patch cannot set. */
function withoutNulls(value: MetadataValue): MetadataValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]))
}

test('metadata: a patch makes of what is stored what is wanted, and then there is none', () => {
  const seed = 7
  const random = seededRandom(seed)
  let patches = 0
  for (let i = 0; i < 2000; i++) {
    const [stored, target] = [randomMetadata(random), randomMetadata(random)]
    const patch = metadataPatch(stored, target)
    const merged = patch === null ? stored : mergeMetadata(stored, patch)
    const which = `seed ${seed}: ${JSON.stringify([stored, target, patch])}`
    assert.deepEqual(withoutNulls(merged), withoutNulls(target), which)
    assert.equal(metadataPatch(merged, target), null, which)
    patches += patch === null ? 0 : 1
  }
  assert.ok(patches > 1000)
})

for (const [name, value, message] of [
  ['a list', [], /an array/],
  ['a string', 'x', /string/],
  ['over 64 KiB', { a: 'x'.repeat(65536) }, /65536/],
] as const) {
  test(`metadata: refuses ${name}`, () => {
    assert.throws(() => parseMetadata(value), { code: 'INVALID_METADATA', message })
  })
}

test('metadata: refuses nesting of 17 levels and text that is not JSON', () => {
  let deep: unknown = 1
  for (let i = 0; i < 17; i++) deep = { deep }
  assert.throws(() => parseMetadata(deep), { code: 'INVALID_METADATA' })
  assert.throws(() => parseMetadataText('{'), { code: 'INVALID_METADATA' })
})
