import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** The paths that `npm pack` takes. */
function packed(): readonly string[] {
  const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
    encoding: 'utf8',
  })
  // npm 11 gives an object by name where earlier ones gave a list.
  const [report] = Object.values(JSON.parse(text) as Record<string, { files: { path: string }[] }>)
  return report!.files.map(({ path }) => path)
}

const files = packed()

test('the package has all that an installed lookalike reads', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { lookalike: string } }
  const models = readdirSync('models', { withFileTypes: true }).filter((one) => one.isDirectory())
  const wanted = [
    bin.lookalike,
    'README.md',
    'LICENSE',
    'dist/src/cli/lookalike.js',
    'dist/src/main.js',
    'dist/src/kernels/kernels.wasm',
    'dist/src/kernels/enlarging.wasm',
    ...readdirSync('dist/src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('-thread.js'))
      .map((file) => `dist/src/${file}`),
    ...models.flatMap(({ name }) => [`models/${name}/model.json`, `models/${name}/model.onnx`]),
    ...readdirSync('examples/emoji', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(png|md|csv)$/.test(file))
      .map((file) => `examples/emoji/${file}`),
  ]
  assert.ok(models.length >= 3, `found ${models.length} models`)
  assert.deepEqual(
    wanted.filter((path) => !files.includes(path)),
    [],
  )
})

test('the package has no source, test, script or data folder', () => {
  const odd = files.filter((path) =>
    /^(src|test|bench|scripts|index-data|dist\/test|\.)/.test(path),
  )
  assert.deepEqual(odd, [])
})
