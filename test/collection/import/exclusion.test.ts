import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exclusion } from '../../../src/collection/import/exclusion.ts'
import { fits, parseGlob, partsOf } from '../../../src/collection/import/glob.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'

const JUNK = [
  '.DS_Store',
  'a/.thumbnails/1.png',
  'a/._1.png',
  '@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg',
  'a/b/@eaDir/1.jpg',
  '#recycle/1.png',
  '#snapshot/1.png',
  '@Recycle/1.png',
  '__MACOSX/a/1.png',
  'a/Thumbs.db',
  'a/thumbs.db',
  'ehthumbs_vista.db',
  'Desktop.ini',
  '$RECYCLE.BIN/S-1-5/1.png',
  'System Volume Information/1.png',
  'lost+found/1.png',
]
for (const path of JUNK) {
  test(`${path} is left out by default`, () => {
    assert.notEqual(new Exclusion().ofFile(path), null)
  })
}

// A folder's name for a file, and names that only begin or end like one of the list.
for (const path of [
  'a/@eaDir',
  'thumbs.db.png',
  'x@eaDir/1.png',
  'a.b/1.png',
  'my#recycle/1.png',
]) {
  test(`${path} is not left out by default`, () => {
    assert.equal(new Exclusion().ofFile(path), null)
  })
}

const GLOBS: [glob: string, path: string, isLeftOut: boolean][] = [
  ['*.bmp', 'a/b/1.BMP', true],
  ['*.bmp', 'a.bmp/1.png', true],
  ['*.bmp', '1.bmp.png', false],
  ['img_?.png', 'a/img_1.png', true],
  ['img_?.png', 'a/img_12.png', false],
  ['img_?.png', 'a/img_😀.png', true],
  ['drafts', 'a/drafts/1.png', true],
  ['drafts', 'a/drafts', true],
  ['drafts/', 'a/drafts', false],
  ['drafts/', 'drafts/b/1.png', true],
  ['/drafts', 'drafts/1.png', true],
  ['/drafts', 'a/drafts/1.png', false],
  ['a/*.png', 'a/1.png', true],
  ['a/*.png', 'a/b/1.png', false],
  ['a/*.png', 'b/a/1.png', false],
  ['a/**', 'a/b/c/1.png', true],
  ['a/**/c', 'a/c/1.png', true],
  ['a/**/c', 'a/b/b/c/1.png', true],
  ['a/**/c', 'a/b/d/1.png', false],
  ['**/c/*.png', 'a/b/c/1.png', true],
  ['**', 'a/1.png', true],
  ['caf\u00e9', 'cafe\u0301/1.png', true],
  ['\\*.png', '*.png', true],
  ['\\*.png', 'a.png', false],
  ['\\!a.png', '!a.png', true],
  ['a\\[1\\].png', 'a[1].png', true],
]
for (const [glob, path, isLeftOut] of GLOBS) {
  test(`${glob} ${isLeftOut ? 'leaves out' : 'is not for'} ${path}`, () => {
    assert.equal(new Exclusion([glob]).ofFile(path), isLeftOut ? glob : null)
  })
}

test('the last glob decides, and one with ! takes back, also of the default ones', () => {
  const exclusion = new Exclusion(['*.png', '!keep*.png', 'keep-not.png', '!.*', '!@eaDir'])
  assert.equal(exclusion.ofFile('a/1.png'), '*.png')
  assert.equal(exclusion.ofFile('a/keep-1.png'), null)
  assert.equal(exclusion.ofFile('a/keep-not.png'), 'keep-not.png')
  assert.equal(exclusion.ofFile('.hidden/1.jpg'), null)
  assert.equal(exclusion.ofFile('@eaDir/1.jpg'), null)
})

test('what lies in a folder that is left out is not taken back', () => {
  assert.equal(new Exclusion(['a/', '!a/1.png']).ofFile('a/1.png'), 'a/')
})

for (const [glob, why] of [
  ['', 'a glob of names'],
  ['/', 'a glob of names'],
  ['!', 'a glob of names'],
  ['a//b', 'a glob of names'],
  ['../a', 'a glob of names'],
  ['*.{bmp,png}', 'one glob for each name'],
  ['[Tt]humbs', 'one glob for each name'],
  ['a\\', 'a character behind the backslash'],
  ['a'.repeat(257), 'at most 256 characters'],
] as const) {
  test(`the glob ${glob.slice(0, 20)} is refused, with what to write`, () => {
    assert.throws(() => new Exclusion([glob]), failsWith('INVALID_REQUEST', why))
  })
}

test('more than 100 globs are refused', () => {
  const globs = Array.from({ length: 101 }, (_, i) => `${i}`)
  assert.throws(
    () => new Exclusion(globs),
    failsWith('INVALID_REQUEST', 'at most 100 globs, got 101'),
  )
})

test('globs fit what a regular expression made of them fits', () => {
  const seed = 11
  const random = seededRandom(seed)
  const pick = (from: string) => from[Math.floor(random() * from.length)]!
  const text = (from: string, most: number) =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(from)).join('')
  let fitting = 0
  for (let i = 0; i < 5000; i++) {
    const names = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      random() < 0.25 ? '**' : text('ab*?', 4).replaceAll('**', '*'),
    )
    const glob = `/${names.join('/')}`
    const path = Array.from({ length: 1 + Math.floor(random() * 4) }, () => text('ab', 3)).join('/')
    // A path with a slash before each name, so that ** stands for whole names.
    const pattern = names
      .map((name) => {
        if (name === '**') return '(/[^/]+)*'
        return `/${name.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}`
      })
      .join('')
    const wanted = new RegExp(`^${pattern}$`).test(`/${path}`)
    assert.equal(
      fits(parseGlob(glob), partsOf(path), false),
      wanted,
      `seed ${seed}: ${glob} ${path}`,
    )
    fitting += wanted ? 1 : 0
  }
  assert.ok(fitting > 500 && fitting < 4500, `${fitting} fit`)
})

test('a glob of many stars takes no time that grows with their number', () => {
  // A pattern that tries all ways would take longer than the universe has.
  const glob = parseGlob(`${'*a'.repeat(100)}b`)
  assert.equal(fits(glob, partsOf('a'.repeat(4000)), false), false)
  const folders = parseGlob(`${'**/a/'.repeat(40)}b`)
  assert.equal(fits(folders, partsOf(`${'a/'.repeat(1000)}a`), false), false)
})
