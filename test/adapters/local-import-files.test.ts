import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { LocalImportFiles } from '../../src/adapters/local-import-files.ts'
import { Exclusion } from '../../src/collection/import/exclusion.ts'
import type { AppError } from '../../src/errors.ts'
import { failsWith } from '../support/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { zipFile } from '../support/zip-file.ts'

const signal = new AbortController().signal

function below(t: TestContext): { base: string; root: string; files: LocalImportFiles } {
  const base = temporaryFolder(t)
  const root = join(base, 'root')
  mkdirSync(join(root, 'a/deep'), { recursive: true })
  mkdirSync(join(base, 'outside'))
  mkdirSync(join(base, 'root-2'))
  for (const path of ['root/a/1.png', 'root/a/deep/2.png', 'outside/3.png', 'root-2/4.png']) {
    writeFileSync(join(base, path), path)
  }
  const archives = join(base, 'archives')
  const files = new LocalImportFiles({ root, archives, maxImageBytes: 50, maxArchiveBytes: 1000 })
  return { base, root, files }
}

async function contents(files: LocalImportFiles, folder: string, after: string | null = null) {
  const found: [id: string, content: string][] = []
  for await (const item of files.folder(folder, after, new Exclusion())) {
    if (item.kind === 'leftOut') {
      found.push([item.id, item.reason])
      continue
    }
    const text = await item.read(signal).then(
      (bytes) => Buffer.from(bytes).toString(),
      (error: unknown) => (error as AppError).code,
    )
    found.push([item.id, text])
  }
  return found
}

test('a folder below the root is read, with ids below the folder', async (t) => {
  const { files } = below(t)
  assert.deepEqual(await contents(files, 'a'), [
    ['1.png', 'root/a/1.png'],
    ['deep/2.png', 'root/a/deep/2.png'],
  ])
  assert.deepEqual(await contents(files, '.', 'a/1.png'), [['a/deep/2.png', 'root/a/deep/2.png']])
})

test('what is left out of a folder comes in its place, with the reason', async (t) => {
  const { root, files } = below(t)
  for (const path of ['a/.hidden', 'a/2.txt', 'a/3']) writeFileSync(join(root, path), 'text')
  const all = await contents(files, 'a')
  assert.deepEqual(all, [
    ['.hidden', 'excluded by .*'],
    ['1.png', 'root/a/1.png'],
    ['2.txt', 'no image by its first bytes'],
    ['3', 'no image by its first bytes'],
    ['deep/2.png', 'root/a/deep/2.png'],
  ])
  for (const [i, [id]] of all.entries()) {
    assert.deepEqual(await contents(files, 'a', id), all.slice(i + 1))
  }
})

test('the file of an id is found in any Unicode form of its name', async (t) => {
  const { root, files } = below(t)
  mkdirSync(join(root, 'e\u0301'))
  writeFileSync(join(root, 'e\u0301/u\u0308.png'), 'there')
  const ids = ['e\u0301/u\u0308.png', '\u00e9/\u00fc.png', 'e\u0301/\u00fc.png']
  for (const id of ids) assert.equal(Buffer.from(await files.file('.', id)).toString(), 'there')
})

const ELSEWHERE = ['..', '../outside', 'a/../../outside', '/etc', '../root-2', 'a/1.png', 'none']
for (const folder of [...ELSEWHERE, 'out', 'a\0b']) {
  test(`${JSON.stringify(folder)} is refused in the words of a folder that is not there`, async (t) => {
    const { root, files } = below(t)
    symlinkSync('../outside', join(root, 'out'))
    const refused = failsWith('IMPORT_FOLDER_REFUSED', 'below the import root')
    await assert.rejects(files.checkFolder(folder), refused)
    await assert.rejects(contents(files, folder), refused)
  })
}

test('links that stay below the root are followed, those that leave it are refused', async (t) => {
  const { root, files } = below(t)
  symlinkSync('../../outside', join(root, 'a/all'))
  symlinkSync('../../outside/3.png', join(root, 'a/out.png'))
  symlinkSync('/etc/passwd', join(root, 'a/passwd.png'))
  symlinkSync('deep/2.png', join(root, 'a/in.png'))
  const found = new Map(await contents(files, 'a'))
  assert.equal(found.get('in.png'), 'root/a/deep/2.png')
  for (const id of ['all/', 'out.png', 'passwd.png']) assert.equal(found.get(id), 'FILE_UNREADABLE')
  assert.ok(!found.has('all/3.png'))
})

test('a file that becomes a link out between the walk and the read is refused', async (t) => {
  const { base, root, files } = below(t)
  for await (const item of files.folder('a', null, new Exclusion())) {
    if (item.kind === 'leftOut' || item.id !== '1.png') continue
    renameSync(join(root, 'a/1.png'), join(base, 'moved.png'))
    symlinkSync('../../outside/3.png', join(root, 'a/1.png'))
    await assert.rejects(item.read(signal), failsWith('FILE_UNREADABLE', 'leads out'))
  }
})

test('without a root no folder is read', async (t) => {
  const off = new LocalImportFiles({
    root: null,
    archives: temporaryFolder(t),
    maxImageBytes: 1,
    maxArchiveBytes: 1,
  })
  await assert.rejects(off.checkFolder('.'), failsWith('IMPORT_OFF', 'LOOKALIKE_IMPORT_ROOT'))
})

test('an archive is kept until it is dropped, and those that nobody waits for go', async (t) => {
  const { base, files } = below(t)
  const archive = zipFile([{ name: 'a.png', bytes: Buffer.from('x') }])
  const kept = await files.keepArchive(pieces(archive))
  const other = await files.keepArchive(pieces(archive))
  assert.equal(kept.bytes, archive.length)
  for await (const item of files.archive(kept.name, null, new Exclusion())) {
    assert.equal(item.id, 'a.png')
  }
  await files.dropOtherArchives([kept.name])
  assert.deepEqual(readdirSync(join(base, 'archives')), [kept.name])
  await files.dropArchive(kept.name)
  await files.dropArchive(other.name)
  assert.deepEqual(readdirSync(join(base, 'archives')), [])
})

test('an archive over the bound, of no known format or broken off leaves nothing', async (t) => {
  const { base, files } = below(t)
  const large = zipFile([{ name: 'a.png', bytes: Buffer.alloc(1000) }])
  await assert.rejects(files.keepArchive(pieces(large)), failsWith('BODY_TOO_LARGE', '1000'))
  await assert.rejects(files.keepArchive(pieces(Buffer.from('text'))), failsWith('ARCHIVE_INVALID'))
  await assert.rejects(files.keepArchive(broken()), /the line is cut/)
  assert.deepEqual(readdirSync(join(base, 'archives')), [])
})

/** A body that nobody may begin to read. */
function untouched(): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => assert.fail('a byte was read') }
}

const KEPT_FREE = 256 * 1024 * 1024

test('an archive that the disk has no room for, beside those on their way, is refused before a byte is read', async (t) => {
  const base = temporaryFolder(t)
  const archives = join(base, 'archives')
  const limits = { maxImageBytes: 50, maxArchiveBytes: 1000 }
  const files = new LocalImportFiles({
    ...limits,
    root: null,
    archives,
    freeBytes: async () => KEPT_FREE + 1500,
  })
  const archive = zipFile([{ name: 'a.png', bytes: Buffer.from('x') }])
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  let end = () => {}
  const ending = new Promise<void>((resolve) => {
    end = resolve
  })
  async function* slow() {
    begin()
    await ending
    yield archive
  }
  // Nobody said how long it is: it may be the longest.
  const first = files.keepArchive(slow())
  await begun
  await assert.rejects(
    files.keepArchive(untouched(), 501),
    failsWith('DISK_FULL', /got 268436956$/),
  )
  await assert.rejects(files.keepArchive(untouched()), failsWith('DISK_FULL'))
  await files.keepArchive(pieces(archive), 500)
  end()
  await first
  await files.keepArchive(pieces(archive), 1000)
  assert.equal(readdirSync(archives).length, 3)
})

test('an archive that is announced as too long is refused before a byte is read', async (t) => {
  const { files } = below(t)
  await assert.rejects(files.keepArchive(untouched(), 1001), failsWith('BODY_TOO_LARGE', '1001'))
})

async function* pieces(bytes: Uint8Array) {
  for (let i = 0; i < bytes.length; i += 100) yield bytes.subarray(i, i + 100)
}

async function* broken() {
  yield Buffer.from('PK')
  throw new Error('the line is cut')
}
