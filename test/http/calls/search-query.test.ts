import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SearchQuery } from '../../../src/collection/requests.ts'
import type { ImageSource } from '../../../src/http/body/image-source.ts'
import { withImageBytes } from '../../../src/http/calls/search-query.ts'

const readImages = async (images: readonly ImageSource[]) =>
  images.map((image) => (image instanceof Uint8Array ? image : Buffer.from(image.url)))
const image = (url: string) => ({ kind: 'image', bytes: { url } }) as const
const id = { kind: 'id', id: 'a' } as const
const bytes = (text: string) => ({ kind: 'image', bytes: Buffer.from(text) }) as const

test('every image of a query gets its own bytes, and all are read at once', async () => {
  let calls = 0
  const counted = (images: readonly ImageSource[]) => {
    calls++
    return readImages(images)
  }
  const query: SearchQuery<ImageSource> = {
    kind: 'examples',
    positive: [image('one'), id, image('two')],
    negative: [id, image('three')],
  }
  assert.deepEqual(await withImageBytes(query, counted), {
    kind: 'examples',
    positive: [bytes('one'), id, bytes('two')],
    negative: [id, bytes('three')],
  })
  assert.equal(calls, 1)
})

test('one example and several views get their bytes', async () => {
  const one = await withImageBytes({ kind: 'one', example: image('one') }, readImages)
  assert.deepEqual(one, { kind: 'one', example: bytes('one') })
  const views = await withImageBytes(
    { kind: 'views', images: [{ url: 'a' }, { url: 'b' }] },
    readImages,
  )
  assert.deepEqual(views, { kind: 'views', images: [Buffer.from('a'), Buffer.from('b')] })
})
