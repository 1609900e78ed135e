import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256Of } from '../../../src/files/sha256.ts'
import { drawView } from '../../../src/training/data/draw-view.ts'

const hashes = Array.from({ length: 400 }, (_, i) => sha256Of(`picture ${i}`))

test('an image has the same views always, and each number another', () => {
  const [hash = '', other = ''] = hashes
  assert.deepEqual(drawView(hash, 1), drawView(hash, 1))
  assert.notDeepEqual(drawView(hash, 1), drawView(hash, 2))
  assert.notDeepEqual(drawView(hash, 1), drawView(other, 1))
})

test('views show two fifths or more of the image, in nearly its shape and colours, half of them mirrored', () => {
  const views = hashes.map((hash) => drawView(hash, 1))
  for (const { width, height, across, down, gains } of views) {
    assert.ok(width > 0 && width <= 1 && height > 0 && height <= 1)
    // What a side would have beyond the image is cut away.
    assert.ok(width * height > 0.4 * 0.86, `${width} x ${height}`)
    assert.ok(width / height < 1.34 && height / width < 1.34, `${width} x ${height}`)
    assert.ok(across >= 0 && across < 1 && down >= 0 && down < 1)
    for (const gain of gains) assert.ok(gain >= 0.8 * 0.95 && gain <= 1.2 * 1.05)
  }
  const mirrored = views.filter(({ isMirrored }) => isMirrored).length
  assert.ok(mirrored > 150 && mirrored < 250, `${mirrored} of 400`)
})
