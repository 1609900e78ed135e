import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase64, imageSource } from '../../../src/http/body/image-source.ts'
import { seededRandom } from '../../../src/vector/random.ts'

const SEED = 11
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** By the grammar, letter by letter; line breaks may stand anywhere. */
function isBase64(text: string): boolean {
  const line = text.replace(/[\r\n]/g, '')
  return BASE64.test(line) && line.replace(/=+$/, '').length % 4 !== 1
}

test('bytes come back from either alphabet, padded or not', () => {
  const random = seededRandom(SEED)
  for (let length = 1; length < 80; length++) {
    const bytes = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
    const padded = bytes.toString('base64')
    for (const text of [padded, padded.replace(/=+$/, ''), bytes.toString('base64url')]) {
      assert.deepEqual(fromBase64(text), bytes, `seed ${SEED}, ${text}`)
    }
  }
})

test('text is refused exactly where the grammar of base64 does not make it', () => {
  const random = seededRandom(SEED)
  const letters = 'AZaz09+/-_=== \n\r.é\u0000😀'
  for (let i = 0; i < 20_000; i++) {
    const length = Math.floor(random() * 9)
    let text = ''
    // Mostly letters, so that a good share is base64.
    for (let j = 0; j < length; j++) {
      text += random() < 0.8 ? 'AZ0+'[Math.floor(random() * 4)] : letters[Math.floor(random() * 19)]
    }
    assert.equal(fromBase64(text) !== null, isBase64(text), `seed ${SEED}, ${JSON.stringify(text)}`)
  }
})

test('lines of any length come back as the same bytes, spaces do not', () => {
  const random = seededRandom(SEED)
  const bytes = Buffer.from(Array.from({ length: 500 }, () => Math.floor(random() * 256)))
  const text = bytes.toString('base64')
  for (const length of [4, 60, 64, 76, 1000]) {
    for (const end of ['\n', '\r\n', '\n\n']) {
      const lines = text.replace(new RegExp(`.{1,${length}}`, 'g'), (line) => `${line}${end}`)
      assert.deepEqual(fromBase64(lines), bytes, `${length} ${JSON.stringify(end)}`)
      assert.deepEqual(fromBase64(`${end}${text}`), bytes)
    }
  }
  // A form that was decoded as a query has spaces for its pluses.
  assert.match(text, /\+/)
  assert.equal(fromBase64(text.replaceAll('+', ' ')), null)
})

test('an image may be a data URI in base64, in lines too, and no other one', () => {
  const bytes = Uint8Array.from([1, 2, 3, 250])
  for (const head of ['data:image/png;base64,', 'data:;base64,', 'DATA:image/x;a=b;BASE64,']) {
    assert.deepEqual(imageSource({ data: `${head}AQID\r\n+g==\n` }, ''), bytes)
  }
  for (const data of [
    'data:image/png,%01',
    'data:image/png;base64',
    'data:,AQID',
    'data:x;base64,*',
  ]) {
    assert.throws(() => imageSource({ data }, '/query/image'), {
      code: 'INVALID_REQUEST',
      message: /^\/query\/image\/data: expected .*base64, got "data:/,
    })
  }
})
