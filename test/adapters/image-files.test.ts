import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type FoundFile, readImageFile, walkImages } from '../../src/adapters/image-files.ts'
import { AppError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function idsBelow(folder: string): Promise<string[]> {
  const ids: string[] = []
  for await (const file of walkImages(folder)) ids.push(file.id)
  return ids
}

test('images are found in every folder, by extension in any case, in the order of ids', async (t) => {
  const folder = temporaryFolder(t)
  const images = [
    'a-b/1.png',
    'a/2.JPG',
    'a/b/3.Tiff',
    'a.png',
    'Z.webp',
    'é.gif',
    '😀.avif',
    '\uffee.png',
  ]
  for (const path of [...images, 'a/notes.txt', 'png', '.hidden.png', '.git/4.png']) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), '')
  }
  const byBytes = images.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  assert.deepEqual(await idsBelow(folder), byBytes)
})

test('links are followed, a circle of them ends, and each real folder comes once', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  writeFileSync(join(folder, 'a/b/1.png'), '')
  symlinkSync('..', join(folder, 'a/b/up'))
  symlinkSync('a', join(folder, 'again'))
  symlinkSync('a/b/1.png', join(folder, 'linked.png'))
  assert.deepEqual(await idsBelow(folder), ['a/b/1.png', 'linked.png'])
})

test('a folder named like an image is walked, and is no image', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'set.png'))
  writeFileSync(join(folder, 'set.png/1.png'), '')
  assert.deepEqual(await idsBelow(folder), ['set.png/1.png'])
})

test('a folder that cannot be read is reported and the walk continues', async (t) => {
  const folder = temporaryFolder(t)
  const files: FoundFile[] = []
  for await (const file of walkImages(join(folder, 'nowhere'))) files.push(file)
  assert.deepEqual(
    files.map((file) => [file.kind, file.kind === 'unreadable' && file.error.code]),
    [['unreadable', 'FILE_UNREADABLE']],
  )
})

test('a file over the limit is refused with both sizes, one at the limit is read', async (t) => {
  const path = join(temporaryFolder(t), '1.png')
  writeFileSync(path, 'twelve bytes')
  assert.equal(Buffer.from(await readImageFile(path, 12)).toString(), 'twelve bytes')
  await assert.rejects(readImageFile(path, 11), (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'BODY_TOO_LARGE')
    assert.match(error.message, /at most 11 bytes, got 12/)
    return true
  })
})
