import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Embedder } from '../../src/embedding/embedder.ts'
import { ImageEmbedder } from '../../src/embedding/image-embedder.ts'
import type { ImageDecoder } from '../../src/image/image-decoder.ts'
import { ImageScheduler } from '../../src/scheduling/image-scheduler.ts'
import { failsWith } from '../support/errors.ts'

const image = Uint8Array.of(0xff, 0xd8, 0xff)

/** An embedder of images on a machine of one processor; decoding takes 10 ms of its clock, embedding 5. */
function make() {
  const now = { ms: 0 }
  const clock = () => now.ms
  const scheduler = new ImageScheduler({ clock, processors: 1 })
  const decoder: ImageDecoder = {
    async decode() {
      now.ms += 10
      const found = { width: 1, height: 1, mediaType: 'image/jpeg' }
      return { ...found, pixels: image, thumbnail: null, fingerprint: null }
    },
  }
  const embedder = {
    preprocess: { width: 1, height: 1, resize: 'stretch', cropFraction: 1, kernel: 'linear' },
    async embed() {
      now.ms += 5
      return Float32Array.of(1)
    },
  } as unknown as Embedder
  const images = new ImageEmbedder({ decoder, scheduler, clock })
  return { now, scheduler, images, embedder }
}

/** Work that keeps a decoder until `end` is called. */
function endless() {
  let end = () => {}
  const decode = () =>
    new Promise<void>((resolve) => {
      end = resolve
    })
  return { decode, embed: async () => undefined, end: () => end() }
}

test('the caller of what is no image hears it at once, however many images wait', async () => {
  const { scheduler, images, embedder } = make()
  const works = [endless(), endless()]
  const running = works.map((work) => scheduler.run('search', work))
  const waiting = images.embed(image, embedder, { priority: 'bulk' })
  const text = new TextEncoder().encode('this is text')
  for (const priority of ['bulk', 'search'] as const) {
    await assert.rejects(images.embed(text, embedder, { priority }), failsWith('NOT_AN_IMAGE'))
  }
  await new Promise((resolve) => setImmediate(resolve))
  for (const { end } of works) end()
  await Promise.all([...running, waiting])
})

test('the time of decoding includes the wait for a decoder, and that of embedding begins after it', async () => {
  const { now, scheduler, images, embedder } = make()
  const works = [endless(), endless()]
  const running = works.map((work) => scheduler.run('search', work))
  await new Promise((resolve) => setImmediate(resolve))
  const waiting = images.embed(image, embedder, { priority: 'search' })
  now.ms += 100
  for (const { end } of works) end()
  const { vector, decodeMs, embedMs } = await waiting
  assert.deepEqual([...vector], [1])
  assert.deepEqual([decodeMs, embedMs], [110, 5])
  await Promise.all(running)
})
