import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { decodeImage } from '../../src/adapters/sharp-decode.ts'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import type { PreprocessSpec } from '../../src/image/image-decoder.ts'
import { NEVER_STOPPED } from '../../src/threads/stop-flags.ts'
import { failsWith } from '../support/errors.ts'
import { encoder, forgedPng, picture } from '../support/images.ts'

const spec: PreprocessSpec = {
  width: 224,
  height: 224,
  resize: 'centre-crop',
  cropFraction: 0.875,
  kernel: 'cubic',
}

const files = () =>
  Promise.all(
    [20, 64, 90, 300, 500].map((side) =>
      encoder(picture(side, side + 7))
        .webp()
        .toBuffer(),
    ),
  )

test('images come back from the threads as they do without them, each to its caller', async () => {
  const decoder = createSharpImageDecoder({ processors: 9 })
  try {
    const wanted = { thumbnail: true, fingerprint: true }
    const all = await files()
    const got = await Promise.all(all.map((file) => decoder.decode(file, spec, wanted)))
    for (const [i, file] of all.entries()) {
      const alone = { ...wanted, maxPixels: 1e6, stop: NEVER_STOPPED }
      const { thumbnail, ...image } = await decodeImage(file, spec, alone)
      const { thumbnail: thumbnailGot, ...imageGot } = got[i]!
      assert.deepEqual(imageGot, image)
      assert.deepEqual([...thumbnailGot!.bytes], [...thumbnail!.bytes])
      assert.equal(imageGot.contentHash, createHash('sha256').update(file).digest('hex'))
    }
  } finally {
    await decoder.close()
  }
})

test('the bytes of the file stay the caller’s', async () => {
  const decoder = createSharpImageDecoder()
  const [file] = await files()
  const before = Uint8Array.from(file!)
  await decoder.decode(file!, spec)
  assert.deepEqual(Uint8Array.from(file!), before)
  await decoder.close()
})

test('a file in shared memory is decoded where it lies, beside what others have there', async () => {
  const decoder = createSharpImageDecoder()
  for (const file of await files()) {
    const shared = new Uint8Array(new SharedArrayBuffer(file.length + 200)).fill(7)
    shared.set(file, 100)
    const bytes = shared.subarray(100, 100 + file.length)
    const { thumbnail: _, ...got } = await decoder.decode(bytes, spec, { fingerprint: true })
    const { thumbnail: __, ...wanted } = await decoder.decode(file, spec, { fingerprint: true })
    assert.deepEqual(got, wanted)
    assert.equal(got.contentHash, createHash('sha256').update(file).digest('hex'))
  }
  await decoder.close()
})

test('a large image asks for its memory before it is decoded, and a small one does not', async () => {
  const decoder = createSharpImageDecoder()
  const asked: number[] = []
  const take = (bytes: number) => asked.push(bytes)
  const [small] = await files()
  await decoder.decode(small!, spec, { take })
  assert.deepEqual(asked, [])
  // The pixels of the file are missing.
  const large = decoder.decode(forgedPng(8000, 7000), spec, { take })
  await assert.rejects(large, failsWith('UNDECODABLE_IMAGE'))
  assert.equal(asked.length, 1)
  assert.ok(asked[0]! > 64 * 2 ** 20)
  await decoder.close()
})

test('a caller who gives up is told so', async () => {
  const decoder = createSharpImageDecoder()
  const controller = new AbortController()
  const file = await encoder(picture(1500, 1500)).avif({ effort: 0 }).toBuffer()
  const decoding = decoder.decode(file, spec, { thumbnail: true, signal: controller.signal })
  controller.abort()
  await assert.rejects(decoding, failsWith('CANCELLED'))
  const late = decoder.decode(file, spec, { signal: controller.signal })
  await assert.rejects(late, failsWith('CANCELLED'))
  await decoder.close()
})

test('when a thread dies its callers hear of it, and the next starts another', async () => {
  const script = new URL('../support/dying-thread.js', import.meta.url)
  const decoder = createSharpImageDecoder({ script, processors: 1 })
  const [file] = await files()
  for (let i = 0; i < 2; i++) {
    await assert.rejects(decoder.decode(file!, spec), failsWith('THREAD_FAILED', 'decodes'))
  }
  await decoder.close()
})

test('closing lets those who wait end, and refuses who comes later', async () => {
  const decoder = createSharpImageDecoder()
  const [file] = await files()
  const waiting = decoder.decode(file!, spec)
  await decoder.close()
  assert.equal((await waiting).width, 20)
  await assert.rejects(decoder.decode(file!, spec), failsWith('SHUTTING_DOWN'))
})
