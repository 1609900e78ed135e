import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase64 } from '../../../src/http/body/image-source.ts'
import { seededRandom } from '../../../src/vector/random.ts'

const SEED = 11
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** By the grammar, letter by letter. */
function isBase64(text: string): boolean {
  return BASE64.test(text) && text.replace(/=+$/, '').length % 4 !== 1
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
  const letters = 'AZaz09+/-_=== \n.é\u0000😀'
  for (let i = 0; i < 20_000; i++) {
    const length = Math.floor(random() * 9)
    let text = ''
    // Mostly letters, so that a good share is base64.
    for (let j = 0; j < length; j++) {
      text += random() < 0.8 ? 'AZ0+'[Math.floor(random() * 4)] : letters[Math.floor(random() * 18)]
    }
    assert.equal(fromBase64(text) !== null, isBase64(text), `seed ${SEED}, ${JSON.stringify(text)}`)
  }
})
