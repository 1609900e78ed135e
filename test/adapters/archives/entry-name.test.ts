import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { archiveItems } from '../../../src/adapters/archives/archive-items.ts'
import type { AppError } from '../../../src/errors.ts'
import { tarFile } from '../../support/tar-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { unicodePath, type ZipEntry, zipFile } from '../../support/zip-file.ts'

const bytes = Buffer.from('89504e470d0a1a0a', 'hex')
const signal = new AbortController().signal

/** The ids of an archive; of an entry that is refused, its code. */
async function idsOf(t: TestContext, archive: Uint8Array): Promise<string[]> {
  const path = join(temporaryFolder(t), 'archive')
  writeFileSync(path, archive)
  const ids: string[] = []
  for await (const item of archiveItems(path, null, { maxImageBytes: 1000 })) {
    assert.equal(item.kind, 'file')
    const { id, read } = item as Extract<typeof item, { kind: 'file' }>
    ids.push(
      await read(signal).then(
        () => id,
        (error: AppError) => error.code,
      ),
    )
  }
  return ids
}

const hex = (text: string) => Buffer.from(text, 'hex')
/** What "Zürich/Café.jpg" is to macOS: UTF-8 in NFD, without a word that it is UTF-8. */
const MAC = Buffer.from('Zu\u0308rich/Cafe\u0301.jpg')
const cafe437 = Buffer.concat([Buffer.from('caf'), hex('82'), Buffer.from('.jpg')])
const cafe = Buffer.from('caf\u00e9.jpg')
const kanji = hex('89e6919c2e6a7067')

const ZIP_NAMES: [what: string, entry: Omit<ZipEntry, 'bytes'>, id: string][] = [
  ['UTF-8 that says so', { name: 'Zürich/Café.jpg' }, 'Zürich/Café.jpg'],
  ['UTF-8 that does not say so, as of macOS', { name: MAC }, 'Zürich/Café.jpg'],
  ['plain ASCII', { name: Buffer.from('a/b.jpg') }, 'a/b.jpg'],
  ['CP437', { name: cafe437 }, 'café.jpg'],
  // From the table of the code page.
  ['other CP437', { name: hex('9a9481e1e3f02e6a7067') }, 'Üöüßπ≡.jpg'],
  [
    'a Unicode path',
    { name: kanji, extra: [unicodePath(Buffer.from('画像.jpg'), kanji)] },
    '画像.jpg',
  ],
  [
    'a Unicode path of another name, which is passed over',
    { name: cafe, extra: [unicodePath(Buffer.from('other.jpg'), kanji)] },
    'café.jpg',
  ],
  [
    'a Unicode path that is no UTF-8, which is passed over',
    { name: cafe, extra: [unicodePath(cafe437, cafe)] },
    'café.jpg',
  ],
  [
    'a Unicode path of another version, which is passed over',
    { name: cafe, extra: [[0x7075, Buffer.concat([hex('0200000000'), Buffer.from('x.jpg')])]] },
    'café.jpg',
  ],
  ['a Unicode path cut short', { name: cafe, extra: [[0x7075, hex('01')]] }, 'café.jpg'],
  ['no UTF-8, and says that it is', { name: cafe437, flags: 0x800 }, 'ARCHIVE_ENTRY_REFUSED'],
]
for (const [what, entry, id] of ZIP_NAMES) {
  test(`a name of a zip file of ${what} becomes ${id}`, async (t) => {
    assert.deepEqual(await idsOf(t, zipFile([{ ...entry, bytes }])), [id])
  })
}

test('every name of CP437 is an id of its own', async (t) => {
  // Alone, no byte from 80 on is UTF-8.
  const codes = Array.from({ length: 128 }, (_, i) => i + 128)
  const names = codes.map((code) => Buffer.concat([Buffer.of(code), Buffer.from('.jpg')]))
  const ids = await idsOf(t, zipFile(names.map((name) => ({ name, bytes }))))
  assert.equal(new Set(ids).size, 128)
  assert.ok(!ids.some((id) => id.includes('\ufffd')))
})

/** A tar file of one entry whose name is these bytes. */
async function tarOf(name: Buffer): Promise<Buffer> {
  const tar = await tarFile([{ name: 'x'.repeat(name.length), bytes }])
  tar.set(name, 0)
  tar.write('        ', 148)
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return tar
}

test('a name of a tar file is UTF-8, with a pax header and without', async (t) => {
  assert.deepEqual(await idsOf(t, await tarOf(MAC)), ['Zürich/Café.jpg'])
  // The packer writes a pax header for it.
  assert.deepEqual(await idsOf(t, await tarFile([{ name: MAC.toString(), bytes }])), [
    'Zürich/Café.jpg',
  ])
})

test('a name of a tar file that is no UTF-8 is refused: the format does not say what it is', async (t) => {
  assert.deepEqual(await idsOf(t, await tarOf(cafe437)), ['ARCHIVE_ENTRY_REFUSED'])
  const pax = await tarFile([{ name: `${'\u00e9'}.jpg`, bytes }])
  const at = pax.indexOf('path=\u00e9')
  pax[at + 5] = 0xe9
  assert.deepEqual(await idsOf(t, pax), ['ARCHIVE_ENTRY_REFUSED'])
})

test('a long name of a tar file of GNU is read as one of its header', async (t) => {
  const long = `${'d/'.repeat(60)}\u00e9.jpg`
  const name = Buffer.from(`${long}\0`)
  const header = await tarFile([{ name: 'x', size: 0 }])
  const longLink = Buffer.from(header.subarray(0, 512))
  longLink.write('L', 156)
  longLink.write(`${name.length.toString(8).padStart(11, '0')}\0`, 124)
  longLink.write('        ', 148)
  const sum = longLink.reduce((total, byte) => total + byte, 0)
  longLink.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padded = Buffer.alloc(512)
  padded.set(name)
  const file = await tarFile([{ name: 'short.jpg', bytes }])
  assert.deepEqual(await idsOf(t, Buffer.concat([longLink, padded, file])), [long])
})

for (const [format, make] of [
  ['zip', async (names: string[]) => zipFile(names.map((name) => ({ name, bytes })))],
  ['tar', (names: string[]) => tarFile(names.map((name) => ({ name, bytes })))],
] as const) {
  test(`two Unicode forms of one name in a ${format} file are one id, and the second is refused`, async (t) => {
    const archive = await make(['caf\u00e9.jpg', 'cafe\u0301.jpg'])
    assert.deepEqual(await idsOf(t, archive), ['café.jpg', 'ARCHIVE_ENTRY_REFUSED'])
  })
}
