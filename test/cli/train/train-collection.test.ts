import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runCommand } from '../../support/command-line.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'
import { serveDataFolder } from '../../support/served.ts'

const RECIPE = ['--objective', 'margin', '--dimensions', '2', '--steps', '20', '--json', '--quiet']

/** Pictures that are in a collection too, and what training on their folder reports. */
async function indexed(t: TestContext) {
  const { root, folder, models } = await labelledPictures(t, 8, 4)
  const data = join(root, 'data')
  const places = ['--data', data, '--models', models, '--model', 'tiny']
  const added = await runCommand(['index', folder, '--collection', 'c', ...places])
  assert.equal(added.status, 0, added.stderr)
  const trained = await runCommand(['train', folder, '--name', 'of-folder', ...RECIPE, ...places])
  assert.equal(trained.status, 0, trained.stderr)
  return { data, models, places, wanted: numbersOf(trained.stdout) }
}

function numbersOf(text: string) {
  const { split, test: tested, steps } = JSON.parse(text)
  return { split, tested, steps }
}

test('a collection of the data folder trains to what its folder trains to', async (t) => {
  const { models, places, wanted } = await indexed(t)
  const from = ['--collection', 'c', '--field', 'label']
  const trained = await runCommand(['train', ...from, '--name', 'own', ...RECIPE, ...places])
  assert.equal(trained.status, 0, trained.stderr)
  assert.deepEqual(numbersOf(trained.stdout), wanted)
  assert.ok(existsSync(join(models, 'own', 'model.onnx')))
})

test('a service trains on its collection, and the command prints its report', async (t) => {
  const { data, models, wanted } = await indexed(t)
  const { url } = await serveDataFolder(t, data, {
    LOOKALIKE_MODELS: models,
    LOOKALIKE_MODEL: 'tiny',
  })
  const from = ['--collection', 'c', '--field', 'label', '--url', url]
  const trained = await runCommand(['train', ...from, '--name', 'remote', ...RECIPE])
  assert.equal(trained.status, 0, trained.stderr)
  assert.match(trained.stderr, /^the service at http.* has the model remote$/m)
  assert.deepEqual(numbersOf(trained.stdout), wanted)
  assert.ok(existsSync(join(models, 'remote', 'model.onnx')))
  const again = await runCommand(['train', ...from, '--name', 'remote', ...RECIPE])
  assert.match(again.stderr, /\(MODEL_EXISTS\)\n$/)
})

test('a collection without its field, a folder beside it, and a service without one are refused', async () => {
  for (const [args, message] of [
    [[], /a folder or --collection, got neither/],
    [['x', '--collection', 'c'], /got both/],
    [['--collection', 'c'], /--field with the label/],
    [['x', '--url', 'http://127.0.0.1:1'], /expected --collection beside/],
    [['--collection', 'c', '--field', 'f', '--url', 'http://x', '--data', 'y'], /beside --data/],
    [
      ['--collection', 'c', '--field', 'f', '--url', 'http://x', '--compare', 'margin'],
      /--compare/,
    ],
  ] as const) {
    const refused = await runCommand(['train', ...args, '--name', 'n', '--objective', 'margin'])
    assert.equal(refused.status, 2, refused.stderr)
    assert.match(refused.stderr, message)
  }
})
