import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findRecords } from '../../../src/collection/import/stored-records.ts'

const [NFC, NFD] = ['\u00e9', 'e\u0301']

/** Looks into these records, whose content hash is their id, and writes down what it was asked. */
function lookInto(ids: readonly string[]) {
  const asked: string[][] = []
  const look = async (wanted: readonly string[]) => {
    asked.push([...wanted])
    return wanted.map((id) => (ids.includes(id) ? { contentHash: id, metadata: {} } : null))
  }
  return { asked, look }
}

test('the id of an item goes before its other forms, and other forms before none', async () => {
  const items = [
    { id: `a${NFC}`, asFound: `a${NFD}` },
    { id: `b${NFC}`, asFound: `b${NFC}` },
    { id: `c${NFC}${NFC}`, asFound: `c${NFD}${NFC}` },
    { id: `d${NFC}`, asFound: `d${NFD}` },
  ]
  const { look } = lookInto([`a${NFC}`, `a${NFD}`, `b${NFD}`, `c${NFD}${NFC}`])
  assert.deepEqual(
    (await findRecords(items, look)).map(({ id, record }) => [id, record?.contentHash ?? null]),
    [
      [`a${NFC}`, `a${NFC}`],
      [`b${NFD}`, `b${NFD}`],
      [`c${NFD}${NFC}`, `c${NFD}${NFC}`],
      [`d${NFC}`, null],
    ],
  )
})

test('an id that was given has no other form, and one of ASCII costs no second look', async () => {
  const { asked, look } = lookInto([NFD])
  const items = [
    { id: NFC, asFound: null },
    { id: 'a', asFound: 'a' },
  ]
  const found = await findRecords(items, look)
  assert.deepEqual(
    found.map(({ record }) => record),
    [null, null],
  )
  assert.deepEqual(asked, [[NFC, 'a']])
})

test('a form that is too long for an id is not looked for', async () => {
  const { asked, look } = lookInto([])
  const id = NFC.repeat(200)
  await findRecords([{ id, asFound: id.normalize('NFD') }], look)
  assert.deepEqual(asked, [[id]])
})
