import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cellValue, metadataOfRow, readMetadataCsv } from '../../../src/cli/index/metadata-csv.ts'
import { parseMetadata } from '../../../src/engine/metadata.ts'
import { AppError } from '../../../src/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

for (const [cell, value] of [
  ['', undefined],
  ['true', true],
  ['false', false],
  ['True', 'True'],
  ['0', 0],
  ['-12', -12],
  ['1.50', 1.5],
  ['2e3', 2000],
  ['007', '007'],
  ['+1', '+1'],
  ['1.', '1.'],
  ['.5', '.5'],
  ['1,5', '1,5'],
  ['0x10', '0x10'],
  [' 1', ' 1'],
  ['NaN', 'NaN'],
  ['1e999', '1e999'],
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740993', '9007199254740993'],
  ['-215250709085334180', '-215250709085334180'],
  ['9007199254740993.0', '9007199254740993.0'],
  ['1e-999', '1e-999'],
  ['0.00', 0],
  ['6.02e23', 6.02e23],
  ['null', 'null'],
] as const) {
  test(`the cell ${JSON.stringify(cell)} becomes ${JSON.stringify(value)}`, () => {
    assert.equal(cellValue(cell), value)
  })
}

test('each row becomes the metadata of its file', async (t) => {
  const path = join(temporaryFolder(t), 'm.csv')
  writeFileSync(
    path,
    '\uFEFFprice,file,"a ""note""",__proto__\r\n1.5,a/1.png,"two\nlines, ""quoted""",x\r\n\r\n,./2.png,,\r\n',
  )
  const { columns, rows } = await readMetadataCsv(path)
  assert.deepEqual(columns, ['price', 'a "note"', '__proto__'])
  assert.deepEqual([...rows.keys()], ['a/1.png', '2.png'])
  assert.deepEqual(Object.entries(rows.get('a/1.png') ?? {}), [
    ['price', 1.5],
    ['a "note"', 'two\nlines, "quoted"'],
    ['__proto__', 'x'],
  ])
  assert.deepEqual(rows.get('2.png'), {})
})

test('a row is over the label of the path, and an empty cell takes away what its column gave', () => {
  const columns = ['price', 'label', 'colour', '__proto__']
  const row = parseMetadata(JSON.parse('{ "price": 2, "__proto__": "x" }'))
  const table = { columns, rows: new Map([['a/1.png', row]]) }
  const stored = { price: 1, colour: 'red', label: 'old', reviewed: true }
  const wanted = metadataOfRow('a/1.png', { label: 'a' }, table)
  assert.equal(JSON.stringify(wanted(null)), '{"label":"a","price":2,"__proto__":"x"}')
  assert.equal(
    JSON.stringify(wanted(stored)),
    '{"label":"a","reviewed":true,"price":2,"__proto__":"x"}',
  )
  const withoutLabel = metadataOfRow('a/1.png', {}, table)
  assert.equal(JSON.stringify(withoutLabel(stored)), '{"reviewed":true,"price":2,"__proto__":"x"}')
})

test('an image without a row keeps its metadata, and gets a label where it has none', () => {
  const table = { columns: ['price'], rows: new Map() }
  const wanted = metadataOfRow('a/1.png', { label: 'a' }, table)
  assert.deepEqual(wanted(null), { label: 'a' })
  assert.deepEqual(wanted({ price: 1 }), { label: 'a', price: 1 })
  assert.deepEqual(wanted({ label: 'by hand' }), { label: 'by hand' })
})

test('a file is named in any Unicode form, and once', async (t) => {
  const path = join(temporaryFolder(t), 'm.csv')
  writeFileSync(path, 'file,a\ne\u0301.png,1\n')
  assert.deepEqual([...(await readMetadataCsv(path)).rows.keys()], ['\u00e9.png'])
  writeFileSync(path, 'file,a\ne\u0301.png,1\n\u00e9.png,2\n')
  await assert.rejects(readMetadataCsv(path), /two for/)
})

for (const [what, text, message] of [
  ['an empty file', '', /expected a header/],
  ['no column file', 'name,price\na,1\n', /expected a column "file", got "name,price"/],
  ['a column twice', 'file,a,a\n', /got "a" again/],
  ['a column without a name', 'file,\n', /got "" again/],
  ['a file twice', 'file,a\nx.png,1\n./x.png,2\n', /two for "x\.png"/],
  ['a row without a file', 'file,a\nx.png,1\n,2\n', /row 3: expected a file/],
  ['a row too short', 'file,a\nx.png\n', /expected 2 cells as in the header, got 1 on line 2/],
  ['an open quote', 'file,a\nx.png,"1\n', /Quote Not Closed/],
] as const) {
  test(`metadata with ${what} is refused with the name of the file`, async (t) => {
    const path = join(temporaryFolder(t), 'm.csv')
    writeFileSync(path, text)
    await assert.rejects(readMetadataCsv(path), (error) => {
      assert.ok(error instanceof AppError)
      assert.equal(error.code, 'INVALID_METADATA')
      assert.ok(error.message.startsWith(path), error.message)
      assert.match(error.message, message)
      return true
    })
  })
}

for (const [encoding, bytes] of [
  ['Latin-1', Buffer.from('file,label\na.png,Z\xfcrich\n', 'latin1')],
  ['UTF-16', Buffer.from('\uFEFFfile,label\na.png,Zürich\n', 'utf16le')],
  ['UTF-8 that is cut off', Buffer.from('file,label\na.png,Zü').subarray(0, -1)],
] as const) {
  test(`metadata in ${encoding} is refused: other letters would come out of it`, async (t) => {
    const path = join(temporaryFolder(t), 'm.csv')
    writeFileSync(path, bytes)
    await assert.rejects(readMetadataCsv(path), { code: 'INVALID_METADATA', message: /UTF-8/ })
  })
}

test('a letter that two reads share stays a letter', async (t) => {
  const path = join(temporaryFolder(t), 'm.csv')
  const label = '😀'.repeat(100)
  const before = Buffer.byteLength('file,label\n')
  const row = Buffer.byteLength(`10000.png,${label}\n`)
  const split = ((64 * 1024 - before) % row) - '10000.png,'.length
  assert.ok(split > 0 && split % 4 !== 0, 'the first read of 64 KiB ends within a letter')
  const rows = Array.from({ length: 1000 }, (_, i) => `${10_000 + i}.png,${label}\n`)
  writeFileSync(path, `file,label\n${rows.join('')}`)
  const labels = new Set([...(await readMetadataCsv(path)).rows.values()].map(({ label }) => label))
  assert.deepEqual([...labels], [label])
})

test('metadata that is not there is refused, not waited for', async () => {
  await assert.rejects(readMetadataCsv('/nowhere/m.csv'), /ENOENT/)
})
