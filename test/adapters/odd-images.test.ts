import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { ODD_IMAGES } from '../odd-images/all.ts'
import { failsWith } from '../support/errors.ts'

/** What an independent decoder shows of each picture: test/odd-images/README.md. */
const EXPECTED: Readonly<Record<string, ExpectedPicture>> = JSON.parse(
  readFileSync('test/fixtures/odd-images.json', 'utf8'),
)

interface ExpectedPicture {
  readonly width: number
  readonly height: number
  /** Pixels in the middle of 6 x 4 equal parts, row by row. */
  readonly pixels: readonly (readonly number[])[]
}

const ACROSS = 6
const DOWN = 4
const decoder = createSharpImageDecoder()
after(() => decoder.close())

async function decode(bytes: Uint8Array, { width, height }: { width: number; height: number }) {
  const spec = { width, height, resize: 'stretch', cropFraction: 1, kernel: 'linear' } as const
  return await decoder.decode(bytes, spec)
}

function samplesOf({
  width,
  height,
  pixels,
}: {
  width: number
  height: number
  pixels: Uint8Array
}) {
  return Array.from({ length: ACROSS * DOWN }, (_, i) => {
    const x = Math.floor((((i % ACROSS) + 0.5) * width) / ACROSS)
    const y = Math.floor(((Math.floor(i / ACROSS) + 0.5) * height) / DOWN)
    return [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]
  })
}

for (const { name, make, want } of ODD_IMAGES) {
  if (want.kind === 'refused') {
    test(`${name} is refused, and the message says "${want.says}"`, async () => {
      const file = await make()
      await assert.rejects(decode(file, { width: 8, height: 8 }), failsWith(want.code, want.says))
    })
  } else {
    test(`${name} shows what an independent decoder shows`, async () => {
      const expected = EXPECTED[name]
      assert.ok(expected !== undefined, 'test/fixtures/odd-images.json has its pixels')
      const shown = await decode(await make(), expected)
      assert.deepEqual([shown.width, shown.height], [expected.width, expected.height])
      const found = samplesOf(shown)
      const off = found.map((pixel, i) =>
        Math.max(...pixel.map((value, band) => Math.abs(value - expected.pixels[i]![band]!))),
      )
      const worst = Math.max(...off)
      const at = off.indexOf(worst)
      assert.ok(
        worst <= want.within,
        `part ${at}: expected ${expected.pixels[at]}, got ${found[at]}`,
      )
    })
  }
}

test('names are given once, and at least 60 files are tried', () => {
  const names = ODD_IMAGES.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  assert.ok(names.length >= 60, `${names.length} files`)
  const pictures = ODD_IMAGES.filter(({ want }) => want.kind === 'picture').map(({ name }) => name)
  assert.deepEqual(new Set(Object.keys(EXPECTED)), new Set(pictures))
})
