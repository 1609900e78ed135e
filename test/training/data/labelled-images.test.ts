import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { listCsvImages } from '../../../src/training/data/labelled-csv.ts'
import { listLabelledImages } from '../../../src/training/data/labelled-images.ts'
import { failsWith } from '../../support/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')

function folderOf(t: TestContext, files: Record<string, Uint8Array | string>): string {
  const folder = temporaryFolder(t)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

test('images under any name are listed, and what is left out and refused is named', async (t) => {
  const folder = folderOf(t, {
    'a/1.jfif': PNG,
    'a/deep/2': PNG,
    'b/3.png': PNG,
    'b/notes.txt': 'text',
    'b/raw.dng': 'II*\0',
    '@eaDir/4.png': PNG,
    'readme.md': 'text',
    'top.png': PNG,
  })
  symlinkSync('/etc', join(folder, 'out'))
  const found = await listLabelledImages(folder, null, folder)
  assert.deepEqual(
    found.images.map(({ id, label }) => [id, label]),
    [
      ['a/1.jfif', 'a'],
      ['a/deep/2', 'a'],
      ['b/3.png', 'b'],
    ],
  )
  assert.deepEqual(
    found.refused.map(({ file, code }) => [file, code]),
    [
      ['b/raw.dng', 'NOT_AN_IMAGE'],
      ['out/', 'FILE_UNREADABLE'],
    ],
  )
  assert.deepEqual(
    found.leftOut.map(({ file }) => file),
    ['@eaDir/', 'b/notes.txt', 'readme.md'],
  )
  assert.equal(found.unlabelled, 1)
})

test('of the labels wanted, a class may be named in any Unicode form, and others are not met', async (t) => {
  const folder = folderOf(t, { 'e\u0301/1.png': PNG, 'b/2.png': PNG, 'b/3.txt': 'text' })
  const { images, leftOut } = await listLabelledImages(folder, new Set(['\u00e9']))
  assert.deepEqual(
    images.map(({ id, label, path }) => [id, label, path]),
    [['\u00e9/1.png', '\u00e9', join(folder, 'e\u0301/1.png')]],
  )
  assert.deepEqual(leftOut, [])
  const empty = listLabelledImages(folder, new Set(['b', 'c']))
  await assert.rejects(empty, failsWith('INVALID_REQUEST', 'got c'))
})

test('a CSV file names its images in any Unicode form, and each once', async (t) => {
  const folder = folderOf(t, {
    'e\u0301.png': PNG,
    'm.csv': 'path,label\n\u00e9.png,a\n',
    'twice.csv': 'path,label\n\u00e9.png,a\ne\u0301.png,a\n',
  })
  const { images } = await listCsvImages(join(folder, 'm.csv'), null)
  assert.deepEqual(
    images.map(({ id, path }) => [id, path]),
    [['\u00e9.png', join(folder, 'e\u0301.png')]],
  )
  const twice = listCsvImages(join(folder, 'twice.csv'), null)
  await assert.rejects(twice, failsWith('INVALID_REQUEST', 'line 3: a path again'))
})
