import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runCommand } from '../../support/command-line.ts'
import { copyPictures } from '../../support/pictures.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const fox = readFileSync('examples/emoji/animal-mammal/fox_face.google.png')

/** Files of a folder, and what runs `index` on it. */
function folderOf(t: TestContext, files: Record<string, Uint8Array | string>) {
  const root = temporaryFolder(t)
  const folder = join(root, 'pictures')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const index = async (...args: string[]) => {
    const target = ['--collection', 'c', '--data', join(root, 'data')]
    return await runCommand(['index', folder, ...target, ...args])
  }
  return { folder, index }
}

test('images are taken under the names that browsers and cameras give them, and status is 0', async (t) => {
  const names = ['a.jfif', 'b.JPE', 'c.mpo', 'noextension', 'e.JPG', 'f.txt']
  const { index } = folderOf(t, Object.fromEntries(names.map((name) => [name, fox])))
  const run = await index()
  assert.equal(run.status, 0, run.stderr)
  assert.match(run.stdout, /^c: 6 added, 0 skipped, 0 refused in /)
})

test('files that are no images are no failure, and are named by their reason', async (t) => {
  const texts = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`${n}.txt`, 'text']))
  const { index } = folderOf(t, { ...texts, '@eaDir/a.png': fox, '.DS_Store': '' })
  const run = await index('--quiet')
  assert.equal(run.status, 0, run.stderr)
  assert.match(run.stdout, /^c: 0 added, 0 skipped, 0 refused, 9 left out in /)
  const leftOut = run.stderr.split('\n').filter((line) => line.startsWith('left out'))
  assert.deepEqual(leftOut.sort(), [
    'left out .DS_Store: excluded by .*',
    'left out 1.txt, 2.txt, 3.txt, 4.txt, 5.txt and 2 more: no image by its first bytes',
    'left out @eaDir/: excluded by @eaDir/',
  ])
  assert.match(run.stderr, /^there is no image below .*pictures$/m)
})

test('an image of a format that is not taken is refused, and status is 3', async (t) => {
  const { index } = folderOf(t, { 'a.png': fox, 'b.NEF': 'II*\0', 'c.bmp': 'BM' })
  const run = await index()
  assert.equal(run.status, 3, run.stderr)
  assert.match(run.stdout, /^c: 1 added, 0 skipped, 2 refused in /)
  assert.match(run.stderr, /^refused b\.NEF: .* raw file of a camera/m)
  assert.match(run.stderr, /^refused c\.bmp: .* \(NOT_AN_IMAGE\)$/m)
})

test('--exclude leaves out more, takes back, and is refused where it is no glob', async (t) => {
  const files = { 'a.png': fox, 'drafts/b.png': fox, '.hidden/c.png': fox, 'd.bak.png': fox }
  const { index } = folderOf(t, files)
  const run = await index('--exclude', 'drafts/', '--exclude', '*.bak.*', '--exclude', '!.*')
  assert.match(run.stdout, /^c: 2 added, 0 skipped, 0 refused, 2 left out in /)
  assert.match(run.stderr, /^left out d\.bak\.png: excluded by \*\.bak\.\*$/m)
  const wrong = await index('--exclude', '*.{png,jpg}')
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /expected one glob for each name.*\(INVALID_REQUEST\)\n$/)
  const { stdout } = await runCommand(['help', 'index'])
  assert.match(stdout, /@eaDir\//)
})

test('a picture whose name is in NFD has the id in NFC, and metadata in any form', async (t) => {
  const { folder, index } = folderOf(t, { 'e\u0301/u\u0308.png': fox })
  const csv = join(folder, '../m.csv')
  writeFileSync(csv, 'file,n\ne\u0301/\u00fc.png,1\n')
  const run = await index('--metadata', csv, '--json')
  assert.equal(run.status, 0, run.stderr)
  copyPictures(folder, { 'e\u0301/u\u0308.png': 'food-fruit/apple.google.png' })
  writeFileSync(csv, 'file,n\n\u00e9/\u00fc.png,2\n')
  const again = JSON.parse((await index('--metadata', csv, '--json')).stdout)
  assert.deepEqual([again.added, again.replaced, again.refused], [0, 1, []])
  const data = join(folder, '../data')
  const found = await runCommand([
    ...['search', join(folder, 'e\u0301/u\u0308.png'), '--collection', 'c', '--json'],
    ...['--data', data],
  ])
  const { matches } = JSON.parse(found.stdout)
  assert.equal(matches[0].id, '\u00e9/\u00fc.png')
  assert.deepEqual(matches[0].metadata, { label: '\u00e9', n: 2 })
})
