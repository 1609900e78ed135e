import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { formOnDisk, readHead, readImageFile } from '../../src/adapters/image-files.ts'
import { failsWith } from '../support/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NFC = '\u00e9'
const NFD = 'e\u0301'

test('a file over the limit is refused with both sizes, one at the limit is read', async (t) => {
  const path = join(temporaryFolder(t), '1.png')
  writeFileSync(path, 'twelve bytes')
  assert.equal(Buffer.from(await readImageFile(path, 12)).toString(), 'twelve bytes')
  const refused = failsWith('BODY_TOO_LARGE', 'at most 11 bytes, got 12')
  await assert.rejects(readImageFile(path, 11), refused)
})

test('the head of a file is all of a short one, and that of a FIFO is not waited for', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'short'), 'twelve bytes')
  assert.equal(Buffer.from(await readHead(join(folder, 'short'))).toString(), 'twelve bytes')
  writeFileSync(join(folder, 'long'), Buffer.alloc(100_000))
  assert.equal((await readHead(join(folder, 'long'))).length, 4096)
  execFileSync('mkfifo', [join(folder, 'fifo')])
  await assert.rejects(
    readHead(join(folder, 'fifo')),
    failsWith('FILE_UNREADABLE', 'expected a regular file, got a FIFO'),
  )
})

test('a path is found in the Unicode form that each of its names has on disk', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, NFD))
  writeFileSync(join(folder, NFD, `${NFC}.png`), '')
  mkdirSync(join(folder, NFD, 'both'))
  for (const form of [NFC, NFD]) writeFileSync(join(folder, NFD, 'both', form), '')
  for (const given of [`${NFC}/${NFC}.png`, `${NFD}/${NFD}.png`, `${NFC}/${NFD}.png`]) {
    assert.equal(await formOnDisk(join(folder, given)), join(folder, NFD, `${NFC}.png`))
  }
  // Of two, the form that was given.
  for (const form of [NFC, NFD]) {
    const path = join(folder, NFC, 'both', form)
    assert.equal(await formOnDisk(path), join(folder, NFD, 'both', form))
  }
  const none = join(folder, NFC, `x${NFC}`, 'y')
  assert.equal(await formOnDisk(none), join(folder, NFD, `x${NFC}`, 'y'))
  assert.equal(await formOnDisk(join(folder, 'plain')), join(folder, 'plain'))
})
