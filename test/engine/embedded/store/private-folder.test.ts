import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { openEngine } from '../../../support/open-engine.ts'
import { sampleRecord, sampleSpec } from '../../../support/sample-records.ts'

function modesIn(folder: string): Record<string, string> {
  const names = ['', ...(readdirSync(folder, { recursive: true }) as string[])]
  const modeOf = (name: string) => (statSync(join(folder, name)).mode & 0o777).toString(8)
  return Object.fromEntries(names.map((name) => [name, modeOf(name)]))
}

test('only its own user may read a data folder, and each file in it', async () => {
  await inTemporaryFolder(async (parent) => {
    const folder = join(parent, 'data')
    const engine = await openEngine(folder)
    try {
      const { collection } = await engine.create(sampleSpec({ memory: 'codes' }))
      await collection.put(sampleRecord('a'))
      for (const [name, mode] of Object.entries(modesIn(folder))) {
        const isFolder = statSync(join(folder, name)).isDirectory()
        assert.equal(mode, isFolder ? '700' : '600', name)
      }
    } finally {
      await engine.close()
    }
  })
})

test('a data folder that others could read is closed to them, but for files that are not ours', async () => {
  await inTemporaryFolder(async (folder) => {
    await (await openEngine(folder)).close()
    mkdirSync(join(folder, 'graphs'), { recursive: true })
    writeFileSync(join(folder, 'graphs', '1.json'), '')
    writeFileSync(join(folder, 'notes.txt'), '')
    for (const name of Object.keys(modesIn(folder))) {
      chmodSync(join(folder, name), name === '' || name === 'graphs' ? 0o755 : 0o644)
    }
    const engine = await openEngine(folder)
    const { '': root, graphs, 'notes.txt': notes, 'lookalike.sqlite': truth } = modesIn(folder)
    await engine.close()
    assert.deepEqual(
      { root, graphs, notes, truth },
      { root: '700', graphs: '700', notes: '644', truth: '600' },
    )
  })
})
