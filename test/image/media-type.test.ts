import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sniffImage } from '../../src/image/media-type.ts'
import { failsWith } from '../support/errors.ts'
import { encoder, picture } from '../support/images.ts'

test('each format is known by its bytes', async () => {
  const image = encoder(picture(16, 16))
  const found = {
    jpeg: sniffImage(await image.clone().jpeg().toBuffer()),
    png: sniffImage(await image.clone().png().toBuffer()),
    webp: sniffImage(await image.clone().webp().toBuffer()),
    avif: sniffImage(await image.clone().avif().toBuffer()),
    gif: sniffImage(await image.clone().gif().toBuffer()),
    tiff: sniffImage(await image.clone().tiff().toBuffer()),
    bigTiff: sniffImage(await image.clone().tiff({ bigtiff: true }).toBuffer()),
  }
  assert.deepEqual(found, {
    jpeg: 'image/jpeg',
    png: 'image/png',
    webp: 'image/webp',
    avif: 'image/avif',
    gif: 'image/gif',
    tiff: 'image/tiff',
    bigTiff: 'image/tiff',
  })
})

test('an AVIF is also known by a compatible brand', () => {
  const bytes = Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0miafavif', 'latin1')
  assert.equal(sniffImage(bytes), 'image/avif')
})

test('anything else is refused, and its first bytes are named', () => {
  const others: Record<string, string> = {
    'no bytes': '',
    '3c 73 76 67': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '25 50 44 46': '%PDF-1.7',
    '00 00 00 14': '\0\0\0\x14ftypheic\0\0\0\0heic',
    '00 00 00 18': '\0\0\0\x18ftypheicavifheicmif1',
    '00 00 00 10': '\0\0\0\x10ftypisom\0\0\0\0avif',
    '52 49 46 46': 'RIFF\0\0\0\0WAVE',
    '42 4d': 'BM\0\0\0\0',
    ff: '\xff',
  }
  for (const [first, text] of Object.entries(others)) {
    const bytes = Buffer.from(text, 'latin1')
    assert.throws(() => sniffImage(bytes), failsWith('NOT_AN_IMAGE', first))
  }
})
