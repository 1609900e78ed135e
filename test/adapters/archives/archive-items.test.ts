import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { archiveItems } from '../../../src/adapters/archives/archive-items.ts'
import type { ArchiveLimits } from '../../../src/adapters/archives/archive-limits.ts'
import { Exclusion } from '../../../src/collection/import/exclusion.ts'
import type { AppError } from '../../../src/errors.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'
import { type TarEntry, tarFile } from '../../support/tar-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type ZipEntry, zipFile } from '../../support/zip-file.ts'

const one = Buffer.from('the first image')
const two = Buffer.from('the second image, a longer one')

/** Id and content, or id and code, or id and the reason why it is left out, of everything in an archive. */
async function itemsOf(
  t: TestContext,
  archive: Uint8Array,
  after: number | null = null,
  limits: Partial<ArchiveLimits> = {},
): Promise<[id: string, content: string][]> {
  const path = join(temporaryFolder(t), 'archive')
  writeFileSync(path, archive)
  const found: [string, string][] = []
  for await (const item of archiveItems(path, after, { maxImageBytes: 1000, ...limits })) {
    if (item.kind === 'leftOut') {
      found.push([item.id, item.reason])
      continue
    }
    const read = item.read(new AbortController().signal)
    const text = await read.then(
      (bytes) => Buffer.from(bytes).toString(),
      (error: unknown) => (error as AppError).code,
    )
    found.push([item.id, text])
  }
  return found
}

interface PlainFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const FORMATS: [name: string, make: (files: readonly PlainFile[]) => Promise<Buffer>][] = [
  ['a zip file', async (files) => zipFile(files)],
  ['a deflated zip file', async (files) => zipFile(files.map((f) => ({ ...f, deflate: true })))],
  ['a tar file', (files) => tarFile(files)],
  ['a tar.gz file', async (files) => gzipSync(await tarFile(files))],
]

for (const [format, make] of FORMATS) {
  test(`${format} gives its images by path, and what is no image or excluded as left out`, async (t) => {
    const archive = await make([
      { name: './cats/1.png', bytes: one },
      { name: 'notes.txt', bytes: one },
      { name: 'empty', bytes: Buffer.alloc(0) },
      { name: '.git/x.png', bytes: one },
      { name: '__MACOSX/cats/._1.png', bytes: one },
      { name: 'a/@eaDir/1.jpg/x.jpg', bytes: one },
      { name: 'drafts/1.png', bytes: one },
      { name: 'cats/été/😀.JPG', bytes: two },
    ])
    const limits = { exclusion: new Exclusion(['/drafts']) }
    assert.deepEqual(await itemsOf(t, archive, null, limits), [
      ['cats/1.png', one.toString()],
      ['notes.txt', 'no image by its first bytes'],
      ['empty', 'no image by its first bytes'],
      ['.git/x.png', 'excluded by .*'],
      ['__MACOSX/cats/._1.png', 'excluded by __MACOSX/'],
      ['a/@eaDir/1.jpg/x.jpg', 'excluded by @eaDir/'],
      ['drafts/1.png', 'excluded by /drafts'],
      ['cats/été/😀.JPG', two.toString()],
    ])
  })

  test(`${format} gives as images what begins as one, under any name, and all of its bytes`, async (t) => {
    const seed = 3
    const random = seededRandom(seed)
    // Longer than one piece of any stream, and than what is looked at.
    const long = Buffer.from(Array.from({ length: 300_000 }, () => Math.floor(random() * 256)))
    long.set(Buffer.from('GIF89a'))
    const text = Buffer.alloc(300_000, 'text ')
    const archive = await make([
      { name: 'text', bytes: text },
      { name: 'long', bytes: long },
      { name: 'a/short.txt', bytes: Buffer.from('GIF89a') },
      { name: 'other text', bytes: text },
      { name: 'saved.jfif', bytes: one },
    ])
    const found = await itemsOf(t, archive, null, { maxImageBytes: 300_000 })
    assert.deepEqual(
      found.map(([id, content]) => [id, content.length < 100 ? content : content.length]),
      [
        ['text', 'no image by its first bytes'],
        ['long', long.toString().length],
        ['a/short.txt', 'GIF89a'],
        ['other text', 'no image by its first bytes'],
        ['saved.jfif', one.toString()],
      ],
    )
    assert.equal(found[1]![1], long.toString(), `seed ${seed}`)
    const bounded = await itemsOf(t, archive, 0, { maxImageBytes: 299_999 })
    assert.deepEqual(bounded[0], ['long', 'BODY_TOO_LARGE'])
  })

  test(`${format} resumes after a position`, async (t) => {
    const names = ['a.png', 'b.png', 'c.png', 'd.png']
    const archive = await make(names.map((name) => ({ name, bytes: Buffer.from(name) })))
    const rest = await itemsOf(t, archive, 1)
    assert.deepEqual(rest, [
      ['c.png', 'c.png'],
      ['d.png', 'd.png'],
    ])
  })

  test(`${format} with tricks in its names has them refused, one by one`, async (t) => {
    const tricks = ['../a.png', 'a/../../b.png', '/etc/a.png', 'C:/a.png', 'a\\b.png', 'a//b.png']
    const more = ['a/./b.png', './../a.png', 'a\u0001.png', 'C:a.png', 'x/..', '..png/../a.png']
    const names = [...tricks, ...more]
    const archive = await make([...names, 'sound.png'].map((name) => ({ name, bytes: one })))
    const found = new Map(await itemsOf(t, archive))
    assert.deepEqual([...found.keys()], [...names, 'sound.png'])
    assert.equal(found.get('sound.png'), one.toString())
    // It is not named like an image.
    assert.match(found.get('x/..')!, /^expected a path without/)
    for (const name of names) {
      if (name !== 'x/..') assert.equal(found.get(name), 'ARCHIVE_ENTRY_REFUSED', name)
    }
  })

  test(`${format} with a name twice has the second refused, also after a restart`, async (t) => {
    const files = [
      { name: 'a.png', bytes: one },
      { name: './a.png', bytes: two },
    ]
    const archive = await make(files)
    assert.deepEqual(await itemsOf(t, archive), [
      ['a.png', one.toString()],
      ['./a.png', 'ARCHIVE_ENTRY_REFUSED'],
    ])
    assert.deepEqual(await itemsOf(t, archive, 0), [['./a.png', 'ARCHIVE_ENTRY_REFUSED']])
  })

  test(`${format} with an image over the bound has it refused, and others read`, async (t) => {
    const archive = await make([
      { name: 'large.png', bytes: Buffer.alloc(1001) },
      { name: 'fits.png', bytes: Buffer.alloc(1000, 'x') },
    ])
    assert.deepEqual(await itemsOf(t, archive), [
      ['large.png', 'BODY_TOO_LARGE'],
      ['fits.png', 'x'.repeat(1000)],
    ])
  })

  test(`${format} with too many entries is given up`, async (t) => {
    const archive = await make(['a.png', 'b.txt', 'c.png'].map((name) => ({ name, bytes: one })))
    await assert.rejects(
      itemsOf(t, archive, null, { maxEntries: 2 }),
      failsWith('ARCHIVE_INVALID', 'at most 2 entries'),
    )
  })

  test(`${format} that breaks off is ARCHIVE_INVALID`, async (t) => {
    const files = Array.from({ length: 9 }, (_, i) => ({ name: `${i}.png`, bytes: two }))
    const archive = await make(files)
    const half = archive.subarray(0, Math.floor(archive.length / 2) - 100)
    await assert.rejects(itemsOf(t, half), failsWith('ARCHIVE_INVALID'))
  })
}

const SPECIAL: TarEntry[] = [
  { name: 'a.png', type: 'symlink', linkname: '/etc/passwd' },
  { name: 'b.png', type: 'link', linkname: 'c.png' },
  { name: 'c.png', type: 'fifo' },
  { name: 'd.png', type: 'character-device', devmajor: 1, devminor: 3 },
  { name: 'e.png', type: 'block-device', devmajor: 1, devminor: 3 },
]
test('a link that is not named like an image is left out', async (t) => {
  const archive = await tarFile([{ name: 'notes', type: 'symlink', linkname: 'x' }])
  assert.deepEqual(await itemsOf(t, archive), [['notes', 'expected a plain file, got symlink']])
})

test('a raw file of a camera is refused, though it begins as a TIFF file', async (t) => {
  const archive = zipFile([{ name: 'a.NEF', bytes: Buffer.from('II*\0') }])
  assert.deepEqual(await itemsOf(t, archive), [['a.NEF', 'NOT_AN_IMAGE']])
})

for (const entry of SPECIAL) {
  test(`a ${entry.type} in a tar file is refused`, async (t) => {
    const archive = await tarFile([entry, { name: 'sound.png', bytes: one }])
    assert.deepEqual(await itemsOf(t, archive), [
      [entry.name, 'ARCHIVE_ENTRY_REFUSED'],
      ['sound.png', one.toString()],
    ])
  })
}

const BAD_ZIP_ENTRIES: [what: string, entry: ZipEntry][] = [
  ['a link', { name: 'a.png', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }],
  ['a device', { name: 'a.png', bytes: one, mode: 0o020666 }],
  ['an encrypted entry', { name: 'a.png', bytes: one, deflate: true, flags: 1 }],
  ['more than it says', { name: 'a.png', bytes: two, deflate: true, claimedSize: 3 }],
  ['less than it says', { name: 'a.png', bytes: two, deflate: true, claimedSize: 900 }],
]
for (const [what, entry] of BAD_ZIP_ENTRIES) {
  test(`${what} in a zip file is refused, and the others are read`, async (t) => {
    const archive = zipFile([entry, { name: 'sound.png', bytes: one }])
    assert.deepEqual(await itemsOf(t, archive), [
      ['a.png', 'ARCHIVE_ENTRY_REFUSED'],
      ['sound.png', one.toString()],
    ])
  })
}

test('an archive that unpacks to far more than its size is given up', async (t) => {
  const zeros = Buffer.alloc(8 * 1024 * 1024)
  const names = Array.from({ length: 9 }, (_, i) => `${i}.png`)
  const limits = { maxImageBytes: 2 * zeros.length }
  const files = names.map((name) => ({ name, bytes: zeros, deflate: true }))
  for (const archive of [zipFile(files), gzipSync(await tarFile(files))]) {
    await assert.rejects(
      itemsOf(t, archive, null, limits),
      failsWith('ARCHIVE_INVALID', 'unpacks to at most'),
    )
  }
})

test('a long name that never ends is not gathered in memory', async (t) => {
  const header = await tarFile([{ name: 'x', size: 0 }])
  const longName = Buffer.from(header.subarray(0, 512))
  // Type L, a name of 1 GiB, and the checksum that goes with it.
  longName.write('L', 156)
  longName.write('10000000000\0', 124)
  longName.write('        ', 148)
  const sum = longName.reduce((total, byte) => total + byte, 0)
  longName.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const archive = Buffer.concat([longName, Buffer.alloc(4 * 1024 * 1024, 'a')])
  await assert.rejects(itemsOf(t, archive), failsWith('ARCHIVE_INVALID', 'expected an entry'))
})

test('a size that is no number is ARCHIVE_INVALID, not a wait without end', async (t) => {
  for (const size of ['-5', 'x', '9'.repeat(30)]) {
    const archive = await tarFile([{ name: 'a.png', bytes: one, pax: { size } } as TarEntry])
    await assert.rejects(itemsOf(t, archive), failsWith('ARCHIVE_INVALID'))
  }
})

test('what is no archive is ARCHIVE_INVALID', async (t) => {
  for (const bytes of [Buffer.alloc(0), one, Buffer.alloc(2000), gzipSync(two)]) {
    await assert.rejects(itemsOf(t, bytes), failsWith('ARCHIVE_INVALID'))
  }
})
