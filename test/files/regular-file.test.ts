import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { csvRows } from '../../src/adapters/csv-rows.ts'
import { readImageFile } from '../../src/adapters/image-files.ts'
import { LocalImportFiles } from '../../src/adapters/local-import-files.ts'
import { readBundle, readDescription } from '../../src/adapters/models-folder/read-bundle.ts'
import { walkImages } from '../../src/adapters/walk-images.ts'
import { readModelFiles } from '../../src/cli/models/model-files.ts'
import { readRecipe } from '../../src/cli/train/recipe-file.ts'
import { readRegular } from '../../src/files/regular-file.ts'
import { embedEach } from '../../src/training/data/embed-files.ts'
import { listCsvImages } from '../../src/training/data/labelled-csv.ts'
import { failsWith } from '../support/errors.ts'
import { folderWithFifo } from '../support/fifo.ts'
import { testConfig } from '../support/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { tinyModel, writeBundle } from '../support/tiny-model.ts'

// Without the check these wait for a writer that never comes.
const options = { timeout: 60_000 }
const NOT_REGULAR = failsWith('FILE_UNREADABLE', 'expected a regular file, got a FIFO')
const tooLarge = (bytes: number) => new RangeError(`${bytes} bytes`)

test('a whole file is read, and one that is too large is refused before', options, async (t) => {
  const path = join(temporaryFolder(t), 'a')
  const content = Buffer.alloc(100_000, 'lookalike')
  writeFileSync(path, content)
  assert.deepEqual(await readRegular(path, 100_000, tooLarge), content)
  await assert.rejects(readRegular(path, 99_999, tooLarge), new RangeError('100000 bytes'))
})

test(
  'a FIFO, a socket, a folder, devices and links to them are no pictures',
  options,
  async (t) => {
    const { folder, fifo } = folderWithFifo(t)
    const server = createServer().listen(join(folder, 'socket'))
    await once(server, 'listening')
    t.after(() => server.close())
    symlinkSync(fifo, join(folder, 'to-fifo'))
    symlinkSync('/dev/zero', join(folder, 'to-zero'))
    const cases = ['a.png', 'to-fifo', 'to-zero', 'socket', '.'].map((name) => join(folder, name))
    for (const path of [...cases, '/dev/zero', '/dev/null', '/dev/tty']) {
      await assert.rejects(readImageFile(path, 1000), failsWith('FILE_UNREADABLE'), path)
    }
  },
)

test('a file that becomes a FIFO between the walk and the read is refused', options, async (t) => {
  const { folder, fifo } = folderWithFifo(t, 'fifo')
  const path = join(folder, 'a.png')
  writeFileSync(path, '')
  for await (const file of walkImages(folder)) {
    if (file.kind !== 'image') continue
    renameSync(fifo, path)
    await assert.rejects(readImageFile(path, 1000), NOT_REGULAR)
    renameSync(path, fifo)
  }
})

test(
  'FIFOs that a CSV of labels names are refused, more than threads could wait for',
  options,
  async (t) => {
    const { folder } = folderWithFifo(t)
    const rows = Array.from({ length: 40 }, (_, i) => {
      symlinkSync('a.png', join(folder, `${i}.png`))
      return `${i}.png,label`
    })
    writeFileSync(join(folder, 'list.csv'), ['path,label', ...rows].join('\n'))
    const { images } = await listCsvImages(join(folder, 'list.csv'), null)
    const refused = await embedEach(
      images,
      testConfig(folder),
      {
        startProgress: () => ({ update() {}, stop() {} }),
        embed: () => assert.fail('nothing was read'),
      },
      () => assert.fail('nothing was embedded'),
    )
    assert.equal(refused.length, 40)
    for (const { code } of refused) assert.equal(code, 'FILE_UNREADABLE')
  },
)

test('a FIFO in the folder of a re-embedding is refused', options, async (t) => {
  const { folder } = folderWithFifo(t)
  const limits = { maxImageBytes: 1000, maxArchiveBytes: 1000 }
  const files = new LocalImportFiles({
    root: folder,
    archives: join(folder, 'archives'),
    ...limits,
  })
  await assert.rejects(files.file('.', 'a.png'), NOT_REGULAR)
})

test('a FIFO is no CSV file, no recipe and no model to add', options, async (t) => {
  const { fifo } = folderWithFifo(t)
  await assert.rejects(csvRows(fifo).next(), /expected a regular file, got a FIFO/)
  await assert.rejects(listCsvImages(fifo, null), NOT_REGULAR)
  await assert.rejects(readRecipe(fifo), NOT_REGULAR)
  await assert.rejects(readModelFiles(fifo), NOT_REGULAR)
  await assert.rejects(readRecipe('/dev/zero'), failsWith('FILE_UNREADABLE', 'a device'))
})

test('a FIFO is neither the description nor the graph of a bundle', options, async (t) => {
  const { folder, fifo } = folderWithFifo(t)
  await writeBundle(folder, tinyModel())
  const bundle = join(folder, 'tiny')
  const swap = (file: string) => execFileSync('ln', ['-sf', fifo, join(bundle, file)])
  const { file } = await readDescription(bundle)
  swap(file)
  await assert.rejects(readBundle(bundle), failsWith('MODEL_INVALID', 'got a FIFO'))
  swap('model.json')
  await assert.rejects(readBundle(bundle), failsWith('MODEL_NOT_FOUND', 'got a FIFO'))
})
