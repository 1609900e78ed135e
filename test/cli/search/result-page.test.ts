import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTable } from '../../../src/cli/search/answer-table.ts'
import { type ResultPage, resultPage } from '../../../src/cli/search/result-page.ts'
import type { SearchAnswer, SearchMatch } from '../../../src/collection/requests.ts'

const HOSTILE = `"><img src=x onerror='alert(1)'>&amp;<script>alert(2)</script>`

function answerWith(matches: readonly SearchMatch[], complete = true): SearchAnswer {
  const timings = { decodeMs: 1, embedMs: 1, searchMs: 1, totalMs: 3 }
  return { matches, exact: true, complete, cursor: null, timings }
}

function pageOf(part: Partial<ResultPage>): string {
  const page = {
    image: 'a.png',
    imageUri: null,
    collection: 'c',
    asked: {},
    answer: answerWith([]),
  }
  return resultPage({ ...page, matchUris: [], ...part })
}

test('no text that comes from outside becomes markup', () => {
  const pageWith = (text: string) => {
    const match = { id: text, distance: 0.1, metadata: { label: text } }
    const nested = { ...match, metadata: { label: { [text]: text } } }
    const imageUri = 'data:image/png;base64,AAAA'
    const answer = answerWith([match, nested])
    const matchUris = [imageUri, null]
    const asked = { k: 3, radius: 0.5, filter: { [text]: text } }
    return pageOf({ image: text, collection: text, imageUri, asked, answer, matchUris })
  }
  const markup = (page: string) => page.replaceAll('<wbr>', '').replace(/[^<>"']/g, '')
  assert.equal(markup(pageWith(HOSTILE)), markup(pageWith('harmless')))
  assert.doesNotMatch(pageWith(HOSTILE), /&(?!(amp|lt|gt|quot|#39);)/)
  assert.ok(pageWith(HOSTILE).includes('&amp;amp;&lt;script&gt;alert(2)&lt;/script&gt;'))
})

test('the page asks for nothing from outside', () => {
  const page = pageOf({ imageUri: 'data:image/png;base64,AAAA' })
  assert.deepEqual(page.match(/(src|href)="(?!data:)[^"]*"|url\(|@import/g), null)
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; img-src data:/)
})

test('a match shows its picture, and says so where there is none', () => {
  const match = { id: 'x', distance: 0.25, similarity: 0.75 }
  const shown = pageOf({ answer: answerWith([match]), matchUris: ['data:image/gif;base64,R0lG'] })
  assert.match(shown, /<img src="data:image\/gif;base64,R0lG" alt="x">/)
  assert.match(shown, /<dd>0\.2500<\/dd>.*<dd>0\.7500<\/dd>/)
  assert.equal(
    pageOf({ answer: answerWith([match]), matchUris: [null] }).match(/no picture/g)?.length,
    2,
  )
})

test('a page says what was asked for', () => {
  const asked = (part: ResultPage['asked']) =>
    /asked for (.*?)<\/p>/.exec(pageOf({ asked: part }))?.[1]
  assert.equal(asked({}), 'the 10 nearest')
  assert.equal(asked({ k: 1 }), 'the nearest')
  assert.equal(asked({ radius: 0.36 }), 'all within 0.36')
  const filter = { price: { $lt: 3 } }
  assert.equal(
    asked({ k: 5, radius: 0.5, filter }),
    'the 5 nearest within 0.5, where <code>{&quot;price&quot;:{&quot;$lt&quot;:3}}</code>',
  )
})

test('a page without a match says so in a sentence, with what would find more', () => {
  const page = (asked: ResultPage['asked']) => pageOf({ asked })
  assert.match(page({}), /<p>Nothing was found: there is nothing else in c\.<\/p>/)
  const both = page({ radius: 0, filter: { a: 1 } })
  assert.match(both, /Nothing was found\. Try a larger --radius, or another --filter, or none\./)
  assert.doesNotMatch(both, /<ol>/)
})

test('a page names the options by which missing pictures come, and only where some are missing', () => {
  const answer = answerWith([{ id: 'x', distance: 0.25 }])
  assert.match(
    pageOf({ answer }),
    /One is shown without its picture.*--folder FOLDER.*--keep thumbnail/,
  )
  const shown = pageOf({ answer, matchUris: ['data:image/gif;base64,R0lG'] })
  assert.doesNotMatch(shown, /--keep/)
})

test('a page says which distance it shows', () => {
  const page = (match: SearchMatch) => pageOf({ answer: answerWith([match]) })
  assert.match(page({ id: 'x', distance: 0.25, similarity: 0.75 }), /<dt>cosine distance<\/dt>/)
  assert.match(page({ id: 'x', distance: 12.5 }), /<dt>Euclidean distance<\/dt>/)
})

test('an id breaks behind what separates its parts, and is whole when it is copied', () => {
  const page = pageOf({ answer: answerWith([{ id: 'a/b_c-d.png', distance: 0 }]) })
  const shown = /<p class="id">(.*?)<\/p>/.exec(page)![1]!
  assert.equal(shown, 'a/<wbr>b_<wbr>c-<wbr>d.<wbr>png')
})

test('the table shows rank, id, label, distance and similarity, and escapes control characters', () => {
  const table = answerTable(
    answerWith([
      { id: 'a/1.png', distance: 0, similarity: 1, metadata: { label: 'a' } },
      { id: 'b\u001b[2J', distance: 0.5, metadata: { label: 7 } },
    ]),
  )
  assert.equal(
    table,
    [
      'rank  id          label  distance  similarity',
      '   1  a/1.png     a        0.0000      1.0000',
      '   2  b\\u{1b}[2J  7        0.5000           -',
      '',
    ].join('\n'),
  )
})

test('a table of a cut answer says so', () => {
  assert.match(answerTable(answerWith([], false)), /cut here\n$/)
})
