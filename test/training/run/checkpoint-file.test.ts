import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  dropOldStates,
  droppedLine,
  stateFile,
  writeState,
} from '../../../src/training/run/checkpoint-file.ts'
import { failsWith } from '../../support/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const features = { values: Float32Array.of(1, 2), count: 1, dimensions: 2 }

test('of interrupted trainings the eight newest stay, and that which runs', async (t) => {
  const root = temporaryFolder(t)
  const own = stateFile(root, ['own'], features, '.checkpoint')
  assert.equal(await dropOldStates(own), 0)
  await writeState(own, [Buffer.from('own')])
  utimesSync(own, 1, 1)
  const folder = join(root, 'trainings')
  for (let i = 0; i < 11; i++) {
    const name = `${i}${i % 2 === 0 ? '.checkpoint' : '.comparison.json'}`
    writeFileSync(join(folder, name), '')
    utimesSync(join(folder, name), 100 + i, 100 + i)
  }
  writeFileSync(join(folder, 'notes.txt'), '')
  utimesSync(join(folder, 'notes.txt'), 2, 2)
  const dropped = await dropOldStates(own)
  assert.equal(dropped, 3)
  assert.equal(
    droppedLine(dropped),
    'dropped the oldest 3 checkpoints that were never gone on with; 8 are kept',
  )
  const left = readdirSync(folder).filter((name) => /^\d+\.c/.test(name))
  assert.deepEqual(
    left.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b),
    [3, 4, 5, 6, 7, 8, 9, 10],
  )
  assert.ok(readdirSync(folder).includes('notes.txt'))
  assert.equal(await dropOldStates(own), 0)
  assert.ok(
    readdirSync(folder).some((name) => own.endsWith(name)),
    'its own is there',
  )
  assert.equal(droppedLine(0), null)
})

test('what decides the work decides the file, and a place that cannot be written is named', async (t) => {
  const root = temporaryFolder(t)
  const other = { ...features, values: Float32Array.of(1, 3) }
  const files = [
    stateFile(root, ['a'], features, '.checkpoint'),
    stateFile(root, ['b'], features, '.checkpoint'),
    stateFile(root, ['a'], other, '.checkpoint'),
    stateFile(root, ['a'], features, '.comparison.json'),
  ]
  assert.equal(new Set(files).size, 4)
  mkdirSync(files[0]!, { recursive: true })
  await assert.rejects(writeState(files[0]!, []), failsWith('DATA_FOLDER_UNUSABLE', 'checkpoint'))
})
