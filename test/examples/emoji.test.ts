import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { walkImages } from '../../src/adapters/walk-images.ts'
import { readMetadataCsv } from '../../src/cli/index/metadata-csv.ts'
import { sha256Of } from '../../src/files/sha256.ts'

test('every emoji of the example has exactly its two drawings, which differ', async () => {
  const files = new Map<string, string>()
  for await (const file of walkImages('examples/emoji')) {
    assert.notEqual(file.kind, 'unreadable', file.id)
    if (file.kind !== 'image') continue
    files.set(file.id, sha256Of(readFileSync(`examples/emoji/${file.id}`)))
  }
  const { rows: metadata } = await readMetadataCsv('examples/emoji/metadata.csv')
  assert.deepEqual(new Set(metadata.keys()), new Set(files.keys()))
  const drawings = new Map<string, string[]>()
  for (const [file, { name, drawing }] of metadata) {
    assert.ok(file.endsWith(`/${name}.${drawing}.png`), file)
    drawings.set(String(name), [...(drawings.get(String(name)) ?? []), String(drawing)])
  }
  for (const [name, both] of drawings) assert.deepEqual(both, ['google', 'twitter'], name)
  assert.equal(new Set(files.values()).size, files.size)
})
