import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathLayout } from '../../../src/cli/index/path-layout.ts'
import { failsWith } from '../../support/errors.ts'

test('a name of Market-1501 gives person, camera, sequence and frame', () => {
  const market = pathLayout('market1501')
  assert.deepEqual(market('0002_c1s1_000451_03.jpg'), {
    person: '0002',
    camera: 'c1',
    sequence: 1,
    frame: 451,
  })
})

test('the folders of Market-1501 are its splits', () => {
  const market = pathLayout('market1501')
  const name = '0002_c6s4_000451_03.jpg'
  for (const [folder, split] of [
    ['bounding_box_train', 'train'],
    ['bounding_box_test', 'gallery'],
    ['query', 'query'],
    ['Market-1501/query', 'query'],
  ]) {
    assert.equal(market(`${folder}/${name}`)?.split, split)
  }
  assert.equal(market(`other/${name}`)?.split, undefined)
})

test('junk and distractors of Market-1501 are told apart', () => {
  const market = pathLayout('market1501')
  const junk = market('-1_c1s1_000401_03.jpg')
  assert.deepEqual([junk?.person, junk?.junk, junk?.distractor], ['-1', true, undefined])
  const distractor = market('0000_c1s1_000151_01.jpg')
  assert.deepEqual(
    [distractor?.person, distractor?.junk, distractor?.distractor],
    [...['0000', undefined, true]],
  )
})

test('files of the extended data set end in .jpg.jpg', () => {
  assert.equal(pathLayout('market1501')('0001_c1s1_001051_00.jpg.jpg')?.person, '0001')
})

for (const name of [
  '2_c1s1_000451_03.jpg',
  '0002_c1_000451_03.jpg',
  '0002_c1s1_000451_03.txt',
  'a.jpg',
]) {
  test(`${name} is no name of Market-1501`, () => {
    assert.equal(pathLayout('market1501')(name), null)
  })
}

test('a pattern gives its parts as text', () => {
  const layout = pathLayout('{identity}/{camera}_*.jpg')
  assert.deepEqual(layout('0007/c2_000123.jpg'), { identity: '0007', camera: 'c2' })
  assert.deepEqual(layout('ann/door_left_1.JPG'), { identity: 'ann', camera: 'door' })
  for (const other of ['ann/c2.jpg', 'a/b/c2_1.jpg', 'ann/c2_1.png', '/c2_1.jpg']) {
    assert.equal(layout(other), null, other)
  }
})

test('what means something in regular expressions is text in a pattern', () => {
  const layout = pathLayout('shop (1)/[{product}].*')
  assert.deepEqual(layout('shop (1)/[tea+].png'), { product: 'tea+' })
  assert.equal(layout('shop 1/[tea].png'), null)
})

test('a part may be named like a member of every object', () => {
  const found = pathLayout('{constructor}/*')('a/b.png')
  assert.deepEqual(Object.entries(found ?? {}), [['constructor', 'a']])
})

for (const text of [
  '',
  'market',
  '*.jpg',
  '{}/*.jpg',
  '{a}/{a}.jpg',
  '{a}/{b.jpg',
  '{a b}/*',
  '{a}'.repeat(33),
]) {
  test(`the layout ${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => pathLayout(text), failsWith('INVALID_REQUEST'))
  })
}
