import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeMetadata, parseMetadata, parseMetadataText } from '../../src/engine/metadata.ts'

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
