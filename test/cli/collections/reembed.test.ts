import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { colour, pngOf, writeColourModels } from '../../support/colour-models.ts'
import { runCommand } from '../../support/command-line.ts'
import { serveDataFolder } from '../../support/served.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const PICTURES = 12

/** A data folder with the collection `c` of the model `roots`, and the folder that it was made of. */
async function indexed(t: TestContext, keep: string) {
  const root = temporaryFolder(t)
  const models = await writeColourModels(join(root, 'models'))
  const folder = join(root, 'pictures')
  mkdirSync(folder)
  for (let n = 0; n < PICTURES; n++) writeFileSync(join(folder, `${n}.png`), await pngOf(colour(n)))
  const data = join(root, 'data')
  const places = ['--data', data, '--models', models]
  const index = ['index', folder, '--collection', 'c', '--keep', keep, '--model', 'roots']
  const added = await runCommand([...index, ...places])
  assert.equal(added.status, 0, added.stderr)
  return { root, folder, data, models, places }
}

/** Model and dimensions of the only collection, as the command lists it. */
async function listed(places: readonly string[]) {
  const { stdout, stderr } = await runCommand(['collections', ...places, '--json'])
  const { collections } = JSON.parse(stdout || stderr)
  return collections.map((one: { model: string; dimensions: number; count: number }) => [
    ...[one.model, one.dimensions, one.count],
  ])
}

test('a collection of a data folder moves to another model by its kept originals', async (t) => {
  const { places } = await indexed(t, 'original')
  const order = ['collections', 'reembed', 'c', '--model', 'both', '--json']
  const moved = await runCommand([...order, ...places])
  assert.equal(moved.status, 0, moved.stderr)
  const { seconds, ...report } = JSON.parse(moved.stdout)
  assert.ok(seconds > 0)
  assert.deepEqual(report, {
    collection: 'c',
    model: 'both',
    state: 'succeeded',
    embedded: PICTURES,
    skipped: 0,
    ended: 0,
    refused: 0,
    failures: [],
    error: null,
  })
  assert.deepEqual(await listed(places), [['both', 6, PICTURES]])
  const again = await runCommand([...order, ...places])
  assert.deepEqual([again.status, again.stdout], [1, ''])
  assert.match(again.stderr, /\(REEMBED_REFUSED\)\n$/)
})

test('by a folder of pictures; one that is not there is named, and fails it without --missing keep', async (t) => {
  const { folder, places } = await indexed(t, 'none')
  rmSync(join(folder, '3.png'))
  const order = ['collections', 'reembed', 'c', '--model', 'weighed', ...places]
  const from = ['--from', 'folder', '--folder', folder]
  const failed = await runCommand([...order, ...from])
  assert.deepEqual([failed.status, failed.stdout], [1, ''])
  assert.match(failed.stderr, /^refused 3\.png: .* \(PICTURE_MISSING\)$/m)
  assert.match(failed.stderr, /\(REEMBED_INCOMPLETE\)\n$/)
  const kept = await runCommand([...order, ...from, '--missing', 'keep'])
  assert.equal(kept.status, 3, kept.stderr)
  assert.match(kept.stdout, /^c: 0 embedded by weighed, 11 skipped, 1 refused in .* s\n$/)
  // Those that are searched.
  assert.deepEqual(await listed(places), [['weighed', 3, PICTURES - 1]])
})

test('through a service, whose import root the folder lies below', async (t) => {
  const { root, data, models } = await indexed(t, 'none')
  const { url } = await serveDataFolder(t, data, {
    LOOKALIKE_MODELS: models,
    LOOKALIKE_MODEL: 'roots',
    LOOKALIKE_IMPORT_ROOT: root,
  })
  const from = ['--from', 'folder', '--folder', 'pictures', '--url', url]
  const moved = await runCommand(['collections', 'reembed', 'c', '--model', 'both', ...from])
  assert.equal(moved.status, 0, moved.stderr)
  assert.match(moved.stdout, /^c: 12 embedded by both, 0 skipped, 0 refused in .* s\n$/)
  assert.deepEqual(await listed(['--url', url]), [['both', 6, PICTURES]])
})

test('a folder without a path, a path without a folder, and no model are wrong usage', async () => {
  for (const [args, message] of [
    [['--model', 'm', '--from', 'folder'], /--folder PATH beside --from folder/],
    [['--model', 'm', '--folder', 'x'], /got --from originals and --folder/],
    [['--model', 'm', '--from', 'elsewhere'], /Allowed choices are originals, folder, vectors/],
    [[], /required option '--model <name>' not specified/],
  ] as const) {
    const refused = await runCommand(['collections', 'reembed', 'c', ...args])
    assert.equal(refused.status, 2, refused.stderr)
    assert.match(refused.stderr, message)
  }
})
