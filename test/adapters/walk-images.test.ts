import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { FoundFile } from '../../src/adapters/folder-entry.ts'
import { type WalkOptions, walkImages } from '../../src/adapters/walk-images.ts'
import { Exclusion } from '../../src/collection/import/exclusion.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const NFC = 'caf\u00e9'
const NFD = 'cafe\u0301'

async function foundBelow(folder: string, options?: WalkOptions): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  for await (const file of walkImages(folder, options)) found.push(file)
  return found
}

/** What was found, each in one text: the id, and what became of it. */
async function outcomes(folder: string, options?: WalkOptions): Promise<string[]> {
  return (await foundBelow(folder, options)).map((file) => {
    if (file.kind === 'image') return file.id
    return `${file.id} ${file.kind === 'leftOut' ? file.reason : file.error.code}`
  })
}

function write(folder: string, files: Record<string, Uint8Array | string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

function folderOf(t: TestContext, files: Record<string, Uint8Array | string>): string {
  const folder = temporaryFolder(t)
  write(folder, files)
  return folder
}

test('images are found in every folder, by extension in any case, in the order of ids', async (t) => {
  const images = [
    'a-b/1.png',
    'a/2.JPG',
    'a/b/3.Tiff',
    'a.png',
    'Z.webp',
    'é.gif',
    '😀.avif',
    '\uffee.png',
    'b/4.jfif',
    'b/4.JPE',
    'b/4.mpo',
  ]
  const folder = folderOf(t, Object.fromEntries(images.map((path) => [path, ''])))
  const byBytes = images.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  assert.deepEqual(await outcomes(folder), byBytes)
})

test('a file of any other name is an image when it begins as one, and is left out with the reason when not', async (t) => {
  const folder = folderOf(t, {
    noextension: PNG,
    'photo.txt': PNG,
    'page.bin': Buffer.from('GIF89a'),
    'notes.txt': 'text',
    empty: '',
    'a/clip.mov': Buffer.from('0000001466747970717420200000000071742020', 'hex'),
  })
  assert.deepEqual(await outcomes(folder), [
    'a/clip.mov no image by its first bytes',
    'empty no image by its first bytes',
    'noextension',
    'notes.txt no image by its first bytes',
    'page.bin',
    'photo.txt',
  ])
})

test('an image of a format that is not taken is refused, not passed over', async (t) => {
  const folder = folderOf(t, { 'a.NEF': 'II*\0', 'b.heic': '', 'c.dng': 'II*\0' })
  const [nef, heic, dng] = await foundBelow(folder)
  // Whoever reads it learns why.
  assert.equal(heic!.kind, 'image')
  for (const raw of [nef!, dng!]) {
    assert.equal(raw.kind === 'unreadable' && raw.error.code, 'NOT_AN_IMAGE')
    assert.match(
      raw.kind === 'unreadable' ? raw.error.message : '',
      /raw file of a camera.*export it/,
    )
  }
})

test('what is excluded by its name is left out with the glob: a folder as one, and not walked', async (t) => {
  const folder = folderOf(t, {
    '.hidden.png': PNG,
    '.git/objects/1.png': PNG,
    '@eaDir/a.png/thumb.png': PNG,
    'a/Thumbs.db': 'x',
    'a/drafts/1.png': PNG,
    'a/1.png': PNG,
  })
  assert.deepEqual(await outcomes(folder, { exclusion: new Exclusion(['drafts/']) }), [
    '.git/ excluded by .*',
    '.hidden.png excluded by .*',
    '@eaDir/ excluded by @eaDir/',
    'a/1.png',
    'a/Thumbs.db excluded by Thumbs.db',
    'a/drafts/ excluded by drafts/',
  ])
})

test('links are followed, a circle of them ends, and each real folder comes once', async (t) => {
  const folder = folderOf(t, { 'a/b/1.png': PNG })
  symlinkSync('..', join(folder, 'a/b/up'))
  symlinkSync('a', join(folder, 'again'))
  symlinkSync('a/b/1.png', join(folder, 'linked.png'))
  symlinkSync('nowhere.txt', join(folder, 'to-nothing'))
  symlinkSync('nowhere.png', join(folder, 'z.png'))
  assert.deepEqual(await outcomes(folder), [
    'a/b/1.png',
    'a/b/up/ a folder that comes under another name',
    'again/ a folder that comes under another name',
    'linked.png',
    'to-nothing a link to nothing',
    'z.png',
  ])
})

test('a folder named like an image is walked, and is no image', async (t) => {
  assert.deepEqual(await outcomes(folderOf(t, { 'set.png/1.png': PNG })), ['set.png/1.png'])
})

test('a FIFO and a socket are not opened: refused where named like an image, else left out', async (t) => {
  const folder = folderOf(t, { 'a.png': PNG })
  execFileSync('mkfifo', [join(folder, 'fifo.png'), join(folder, 'fifo')])
  const server = createServer().listen(join(folder, 'socket'))
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  assert.deepEqual(await outcomes(folder), [
    'a.png',
    'fifo expected a plain file, got a FIFO',
    'fifo.png FILE_UNREADABLE',
    'socket expected a plain file, got a socket',
  ])
})

test('a folder that cannot be read is reported and the walk continues', async (t) => {
  assert.deepEqual(await outcomes(join(temporaryFolder(t), 'nowhere')), ['. FILE_UNREADABLE'])
})

test('whatever comes, comes in the order of ids, so that a walk can be resumed after any of it', async (t) => {
  const base = temporaryFolder(t)
  const folder = join(base, 'root')
  write(base, { 'outside/1.png': PNG })
  write(folder, {
    'b/1.png': PNG,
    'b-c/1.png': PNG,
    'b.txt': 'text',
    'é/2.txt': 'text',
    'e\u0301/1.png': PNG,
    '.x': '',
    'z.txt': 'text',
  })
  for (const name of ['a-out.png', 'c-out', 'z-out']) symlinkSync('../outside', join(folder, name))
  const ids = (await foundBelow(folder, { within: folder })).map(({ id }) => id)
  const byBytes = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  assert.deepEqual(ids, byBytes)
  assert.equal(ids.length, 10)
})

test('ids are in NFC, whatever form the disk has', async (t) => {
  const folder = folderOf(t, { [`${NFD}/${NFD}.png`]: PNG })
  const [only, ...others] = await foundBelow(folder)
  assert.equal(only!.id, `${NFC}/${NFC}.png`)
  assert.equal(only!.kind === 'image' && only!.path, join(folder, NFD, `${NFD}.png`))
  assert.deepEqual(others, [])
})

test('of two files whose names are one name in two forms, the one in NFC is taken, and the other refused', async (t) => {
  const folder = folderOf(t, { [`${NFD}.png`]: PNG, [`${NFC}.png`]: PNG })
  const [taken, refused] = await foundBelow(folder)
  assert.equal(taken!.kind === 'image' && taken!.path, join(folder, `${NFC}.png`))
  assert.equal(refused!.kind === 'unreadable' && refused!.error.code, 'DUPLICATE_ID')
})

test('two folders of one name in two forms are walked as one', async (t) => {
  const folder = folderOf(t, {
    [`${NFC}/b.png`]: PNG,
    [`${NFC}/c.png`]: PNG,
    [`${NFD}/a.png`]: PNG,
    [`${NFD}/c.png`]: PNG,
  })
  assert.deepEqual(await outcomes(folder), [
    `${NFC}/a.png`,
    `${NFC}/b.png`,
    `${NFC}/c.png`,
    `${NFC}/c.png DUPLICATE_ID`,
  ])
})

test('names that are no UTF-8 are refused: two of them would be one id', async (t) => {
  const folder = folderOf(t, { 'a.png': PNG, 'real\ufffd.png': PNG })
  for (const last of [0xe8, 0xe9]) {
    const name = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(last), Buffer.from('.png')])
    writeFileSync(name, PNG)
  }
  assert.deepEqual(await outcomes(folder), [
    'a.png',
    'caf\ufffd.png INVALID_ID',
    'caf\ufffd.png INVALID_ID',
    'real\ufffd.png',
  ])
})
