import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DamagedFile } from '../../../src/files/durable-files.ts'
import { CheckpointFile, type CheckpointFormat } from '../../../src/training/run/checkpoint-file.ts'
import { failsWith } from '../../support/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const features = { values: Float32Array.of(1, 2), count: 1, dimensions: 2 }
const TEXT: CheckpointFormat<string> = {
  ending: '.checkpoint',
  encode: (text) => [Buffer.from('text '), Buffer.from(text)],
  decode(bytes) {
    const text = bytes.toString()
    if (!text.startsWith('text ')) throw new DamagedFile('it is no text')
    return text.slice(5)
  },
}

test('of interrupted trainings the eight newest stay, and that which runs', async (t) => {
  const root = temporaryFolder(t)
  const own = new CheckpointFile(root, ['own'], [features], TEXT)
  const lines: string[] = []
  const drop = () => own.dropOthers((line) => lines.push(line))
  await drop()
  assert.deepEqual(lines, [])
  await own.write('own')
  utimesSync(own.path, 1, 1)
  const folder = join(root, 'trainings')
  for (let i = 0; i < 11; i++) {
    const name = `${i}${i % 2 === 0 ? '.checkpoint' : '.comparison.json'}`
    writeFileSync(join(folder, name), '')
    utimesSync(join(folder, name), 100 + i, 100 + i)
  }
  writeFileSync(join(folder, 'notes.txt'), '')
  utimesSync(join(folder, 'notes.txt'), 2, 2)
  await drop()
  assert.deepEqual(lines, ['dropped the oldest 3 checkpoints that were never resumed; 8 are kept'])
  const left = readdirSync(folder).filter((name) => /^\d+\.c/.test(name))
  assert.deepEqual(
    left.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b),
    [3, 4, 5, 6, 7, 8, 9, 10],
  )
  assert.ok(readdirSync(folder).includes('notes.txt'))
  await drop()
  assert.equal(lines.length, 1)
  assert.equal(await own.read(), 'own')
})

test('what was written is read again, and what is damaged differs from what is missing', async (t) => {
  const checkpoint = new CheckpointFile(temporaryFolder(t), ['a'], [features], TEXT)
  assert.equal(await checkpoint.read(), null)
  await checkpoint.write('state')
  assert.equal(await checkpoint.read(), 'state')
  writeFileSync(checkpoint.path, 'tex')
  assert.equal(await checkpoint.read(), 'damaged')
  await checkpoint.remove()
  assert.equal(await checkpoint.read(), null)
})

test('what decides the work decides the file, and a place that cannot be written is named', async (t) => {
  const root = temporaryFolder(t)
  const other = { ...features, values: Float32Array.of(1, 3) }
  const comparison = { ...TEXT, ending: '.comparison.json' } as const
  const checkpoints = [
    new CheckpointFile(root, ['a'], [features], TEXT),
    new CheckpointFile(root, ['b'], [features], TEXT),
    new CheckpointFile(root, ['a'], [other], TEXT),
    new CheckpointFile(root, ['a'], [features, other], TEXT),
    new CheckpointFile(root, ['a'], [features], comparison),
  ]
  assert.equal(new Set(checkpoints.map(({ path }) => path)).size, 5)
  const [first] = checkpoints
  mkdirSync(first!.path, { recursive: true })
  const refused = failsWith('DATA_FOLDER_UNUSABLE', 'checkpoint')
  await assert.rejects(first!.write('state'), refused)
  await assert.rejects(first!.read(), refused)
})
