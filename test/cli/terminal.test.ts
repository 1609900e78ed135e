import assert from 'node:assert/strict'
import { test } from 'node:test'
import { htmlPage } from '../../src/cli/report/html-page.ts'
import { resultPage } from '../../src/cli/search/result-page.ts'
import { plainJson } from '../../src/cli/terminal.ts'

/** C1 controls, marks of direction, ends of lines that are not plain, tags beyond 16 bits, and DEL. */
const UNSEEN = [
  ...['\u0080', '\u009b2J', '\u009f', '\u007f', '\u200e', '\u202a', '\u202e', '\u2066', '\u2069'],
  ...['\u2028', '\u2029', '\ufeff', '\u061c', '\u{e0041}', '\u001b[2J'],
]
const RAW = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

test('JSON for a terminal has no character that it obeys, and reads as before', () => {
  const value = { ids: UNSEEN, [UNSEEN.join('')]: 'naïve 狐 🦊', lines: 'a\nb' }
  for (const indent of [0, 2]) {
    const text = plainJson(JSON.stringify(value, null, indent))
    assert.doesNotMatch(text, RAW)
    assert.deepEqual(JSON.parse(text), value)
    assert.ok(text.includes('naïve 狐 🦊'))
  }
})

test('a page shows what would be unseen, in text and attributes', () => {
  const timings = { decodeMs: 1, embedMs: 1, searchMs: 1, totalMs: 3 }
  for (const unseen of UNSEEN) {
    const text = `a${unseen}b`
    const matches = [{ id: text, distance: 0, metadata: { label: text } }]
    const answer = { matches, exact: true, complete: true, cursor: null, timings }
    const page = resultPage({
      image: text,
      imageUri: null,
      collection: text,
      asked: { filter: { [text]: text } },
      answer,
      matchUris: [],
    })
    assert.doesNotMatch(page, RAW, JSON.stringify(unseen))
    assert.doesNotMatch(htmlPage(text, '', ''), RAW)
  }
})
