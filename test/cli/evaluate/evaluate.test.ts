import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../../support/command-line.ts'
import { copyPictures } from '../../support/pictures.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const MEASURES = [
  ...['recallAt1', 'recallAt2', 'recallAt4', 'recallAt8'],
  ...['rPrecision', 'mapAtR', 'map'],
]
const MEMBERS = ['model', 'images', 'classes', ...MEASURES, 'nmi', 'intervals']

// Equal files in the classes fox and cherries: whoever asks finds its copies first.
const COPIES = {
  'fox/1.png': 'animal-mammal/fox_face.google.png',
  'fox/deep/2.png': 'animal-mammal/fox_face.google.png',
  'fox/3.png': 'animal-mammal/fox_face.google.png',
  'cherries/1.png': 'food-fruit/cherries.google.png',
  'cherries/2.png': 'food-fruit/cherries.google.png',
}

test('copies of a picture are found first: every measure is 1, in the fixed form', async (t) => {
  const folder = temporaryFolder(t)
  copyPictures(folder, COPIES)
  const args = ['evaluate', folder, '--model', 'efficientnet-lite0', '--json']
  const { status, stdout, stderr } = await runCommand(args)
  assert.equal(status, 0, stderr)
  const report = JSON.parse(stdout)
  assert.deepEqual(Object.keys(report), MEMBERS)
  const { model, images, classes, intervals, ...numbers } = report
  assert.deepEqual([model, images, classes], ['efficientnet-lite0', 5, 2])
  for (const name of [...MEASURES, 'nmi']) {
    assert.ok(Math.abs(numbers[name] - 1) < 1e-12, `${name} ${numbers[name]}`)
  }
  assert.deepEqual(Object.keys(intervals), MEASURES)
  assert.deepEqual(intervals.recallAt1, [1, 1])
})

test('what cannot be used is named on standard error: status 3', async (t) => {
  const folder = temporaryFolder(t)
  copyPictures(folder, {
    ...COPIES,
    'rocket/1.png': 'transport-air/rocket.google.png',
    'top.png': 'transport-air/rocket.google.png',
  })
  writeFileSync(join(folder, 'fox', 'broken.png'), 'this is text')
  writeFileSync(join(folder, 'fox', 'notes.txt'), 'text')
  const { status, stdout, stderr } = await runCommand(['evaluate', folder])
  assert.equal(status, 3, stderr)
  assert.match(stdout, /^efficientnet-lite2-lite0-int8: 6 images of 3 classes, 5 asked with\n\n/)
  assert.match(stdout, /^Recall@1 +1\.000 +1\.000 to 1\.000 +1\.000 +1\.000 to 1\.000$/m)
  assert.match(stdout, /^NMI +1\.000$/m)
  assert.match(stderr, /^refused fox\/broken\.png: .* \(NOT_AN_IMAGE\)$/m)
  assert.match(stderr, /^left out fox\/notes\.txt: no image by its first bytes$/m)
  assert.match(stderr, /^left out one image that lies in no class folder of /m)
  assert.match(stderr, /^one image is alone in the class: searched, but not asked with$/m)
})

test('--labels keeps to the classes named, so that a broken picture elsewhere is not met', async (t) => {
  const folder = temporaryFolder(t)
  copyPictures(folder, { ...COPIES, 'rocket/1.png': 'transport-air/rocket.google.png' })
  writeFileSync(join(folder, 'rocket', 'broken.png'), 'this is text')
  const args = ['evaluate', folder, '--labels', 'fox,cherries', '--json']
  const { status, stdout, stderr } = await runCommand(args)
  assert.equal(status, 0, stderr)
  const { images, classes } = JSON.parse(stdout)
  assert.deepEqual([images, classes], [5, 2])
})

const REFUSED: readonly [string, readonly string[], number, RegExp][] = [
  ['one class', ['--labels', 'fox'], 1, /at least 2 classes, got 1 \(NOTHING_TO_EVALUATE\)\n$/],
  ['an unknown label', ['--labels', 'fox,dog'], 2, /got dog \(INVALID_REQUEST\)\n$/],
  ['an empty label', ['--labels', 'fox,'], 2, /separated by commas/],
  ['an unknown model', ['--model', 'nothing'], 1, /\(MODEL_NOT_FOUND\)\n$/],
]

for (const [name, args, wanted, message] of REFUSED) {
  test(`${name} is refused with nothing on standard output`, async (t) => {
    const folder = temporaryFolder(t)
    copyPictures(folder, COPIES)
    const { status, stdout, stderr } = await runCommand(['evaluate', folder, ...args])
    assert.equal(status, wanted, stderr)
    assert.match(stderr, message)
    assert.equal(stdout, '')
  })
}
