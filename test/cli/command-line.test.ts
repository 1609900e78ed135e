import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../support/command-line.ts'

const SECRET = 'correct-horse-battery'

test('help goes to standard output with status 0', async () => {
  const { status, stdout, stderr } = await runCommand(['--help'])
  assert.equal(status, 0)
  for (const name of ['serve', 'index', 'search', 'collections', 'config']) {
    assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'))
  }
  assert.equal(stderr, '')
})

test('help names any command, also one below another', async () => {
  for (const names of [['index'], ['models'], ['models', 'add'], ['collections', 'reembed']]) {
    const { status, stdout } = await runCommand(['help', ...names])
    assert.equal(status, 0)
    assert.match(stdout, new RegExp(`^Usage: lookalike ${names.join(' ')} \\[options\\]`))
  }
})

test('every command prints the version', async () => {
  const { stdout: version } = await runCommand(['--version'])
  assert.match(version, /^\d+\.\d+\.\d+\n$/)
  for (const names of [
    ['index'],
    ['serve'],
    ['models'],
    ['models', 'add'],
    ['collections', 'reembed'],
  ]) {
    const { status, stdout, stderr } = await runCommand([...names, '--version'])
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: version, stderr: '' })
  }
})

for (const args of [
  [],
  ['nonsense'],
  ['help', 'nonsense'],
  ['help', 'models', 'nonsense'],
  ['serve', '--prot', '1'],
  ['serve', '--port', '65536'],
  ['index', '.'],
  ['index', '--collection', 'a'],
  ['index', '.', '--collection', 'a b'],
  ['index', '.', '--collection', 'a', '--concurrency', '0'],
  ['index', '.', '--collection', 'a', '--label-from', 'file'],
  ['index', '.', '--collection', 'a', '--keep', 'all'],
  ['evaluate'],
  ['evaluate', '.', '--labels', ''],
  ['evaluate', '.', '--prot'],
  ['search', 'a.png'],
  ['search', 'a.png', '--collection', 'a', '-k', '1.5'],
  ['search', 'a.png', '--collection', 'a', '--radius', '-1'],
  ['search', 'a.png', '--collection', 'a', '--filter', '{"a":'],
  ['search', 'a.png', '--collection', 'a', '--filter', '{"a":{"$like":"b"}}'],
  ['search', 'a.png', '--collection', 'a', '--json', '--html', 'a.html'],
  ['search', 'a.png', '--collection', 'a', '--folder', '.'],
  ['collections', '--url', 'ftp://127.0.0.1'],
  ['collections', '--url', 'http://127.0.0.1:8080', '--data', 'x'],
  ['collections', '--api-key', SECRET],
  ['collections', '--log-level', 'loud'],
]) {
  test(`\`lookalike ${args.join(' ')}\` is wrong usage: status 2 and nothing on standard output`, async () => {
    const { status, stdout, stderr } = await runCommand(args)
    assert.equal(status, 2, stderr)
    assert.equal(stdout, '')
    assert.notEqual(stderr, '')
  })
}

test('a failure is one line with its code and no stack', async () => {
  const { status, stderr } = await runCommand(['search', '/nowhere/a.png', '--collection', 'a'], {
    LOOKALIKE_URL: 'http://127.0.0.1:9999',
  })
  assert.equal(status, 1)
  assert.match(
    stderr,
    /^lookalike: expected to read \/nowhere\/a\.png: ENOENT.* \(FILE_UNREADABLE\)\n$/,
  )
})

test('LOOKALIKE_LOG_LEVEL=debug adds the stack and its causes', async () => {
  const { status, stderr } = await runCommand(['index', '/nowhere', '--collection', 'a'], {
    LOOKALIKE_LOG_LEVEL: 'debug',
  })
  assert.equal(status, 1)
  assert.match(stderr, /\n {4}at /)
  assert.match(stderr, /caused by: Error: ENOENT/)
})

test('config prints what is active with the secrets masked', async () => {
  const environment = { LOOKALIKE_PORT: '1', LOOKALIKE_API_KEYS: `shop:read@cats:${SECRET}` }
  const args = ['config', '--port', '9090', '--model', 'other']
  const asJson = await runCommand([...args, '--json'], environment)
  assert.equal(asJson.status, 0, asJson.stderr)
  assert.deepEqual(JSON.parse(asJson.stdout), {
    LOOKALIKE_HOST: '127.0.0.1',
    LOOKALIKE_PORT: 9090,
    LOOKALIKE_DATA: resolve('index-data'),
    LOOKALIKE_MODELS: resolve('models'),
    LOOKALIKE_MODEL: 'other',
    LOOKALIKE_PROVIDER: 'auto',
    LOOKALIKE_GPU_DEVICE: 0,
    LOOKALIKE_MODEL_IDLE_SECONDS: 900,
    LOOKALIKE_API_KEYS: ['shop:read@cats:***'],
    LOOKALIKE_ANONYMOUS: null,
    LOOKALIKE_ALLOWED_HOSTS: null,
    LOOKALIKE_TRUSTED_PROXIES: null,
    LOOKALIKE_RATE_LIMIT: 0,
    LOOKALIKE_CORS_ORIGINS: null,
    LOOKALIKE_DAILY_QUOTA: 0,
    LOOKALIKE_DEADLINE_SECONDS: 300,
    LOOKALIKE_MAX_BODY_BYTES: 33_554_432,
    LOOKALIKE_MAX_COLLECTIONS: 1000,
    LOOKALIKE_MAX_FILTER_CONDITIONS: 1024,
    LOOKALIKE_MAX_K: 10_000,
    LOOKALIKE_MAX_NEIGHBOURHOODS: 1000,
    LOOKALIKE_STATISTICS_RECORDS: 320,
    LOOKALIKE_MAX_PIXELS: 64_000_000,
    LOOKALIKE_GRAPH_FROM: 10_000,
    LOOKALIKE_URL_FETCH: 'off',
    LOOKALIKE_IMPORT_ROOT: null,
    LOOKALIKE_MAX_ARCHIVE_BYTES: 1_073_741_824,
    LOOKALIKE_LOG_LEVEL: 'info',
  })
  const asText = await runCommand(args, environment)
  assert.match(asText.stdout, /^LOOKALIKE_PORT +9090$/m)
  assert.match(asText.stdout, /^LOOKALIKE_API_KEYS +shop:read@cats:\*\*\*$/m)
  assert.ok(!`${asJson.stdout}${asText.stdout}`.includes(SECRET))
})

test('a misspelt variable and a bad one are named together by config', async () => {
  const { status, stderr } = await runCommand(['config'], {
    LOOKALIKE_PROT: '1',
    LOOKALIKE_PORT: 'one',
  })
  assert.equal(status, 2)
  assert.match(stderr, /2 faults: LOOKALIKE_PORT: expected .*; LOOKALIKE_PROT: /)
})
