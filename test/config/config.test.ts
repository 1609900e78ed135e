import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { AppError } from '../../src/errors.ts'

const SECRET = 'correct-horse-battery'

/** The issues of a configuration that must be refused. */
function faults(
  environment: Record<string, string>,
  flags: Record<string, string> = {},
): { message: string; paths: string[] } {
  try {
    loadConfig(environment, flags)
  } catch (error) {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'CONFIG_INVALID')
    return { message: error.message, paths: error.issues.map((issue) => issue.path) }
  }
  assert.fail(`accepted ${JSON.stringify({ environment, flags })}`)
}

test('with nothing given the defaults of the contract are active', () => {
  assert.deepEqual(loadConfig({ PATH: '/bin' }), {
    host: '127.0.0.1',
    port: 8080,
    dataFolder: resolve('index-data'),
    modelsFolder: resolve('models'),
    shippedModels: null,
    model: 'efficientnet-lite2-lite0-int8',
    provider: 'auto',
    gpuDevice: 0,
    modelIdleSeconds: 900,
    apiKeys: [],
    apiKeysFile: null,
    anonymous: null,
    allowedHosts: null,
    corsOrigins: null,
    trustedProxies: null,
    rateLimit: 0,
    dailyQuota: 0,
    deadlineSeconds: 300,
    maxBodyBytes: 33_554_432,
    maxCollections: 1000,
    maxK: 10_000,
    maxFilterConditions: 1024,
    maxNeighbourhoods: 1000,
    statisticsRecords: 320,
    maxPixels: 64_000_000,
    graphFrom: 10_000,
    urlFetch: 'off',
    importRoot: null,
    maxArchiveBytes: 1_073_741_824,
    logLevel: 'info',
  })
})

test('the configuration and its keys are frozen', () => {
  const config = loadConfig({ LOOKALIKE_API_KEYS: `a:read:${SECRET}` })
  assert.ok(Object.isFrozen(config))
  assert.ok(Object.isFrozen(config.apiKeys))
  assert.ok(config.apiKeys.every(Object.isFrozen))
})

test('flags win over the environment, also over a bad value there', () => {
  const config = loadConfig({ LOOKALIKE_PORT: 'abc', LOOKALIKE_DATA: '/a' }, { port: '0' })
  assert.equal(config.port, 0)
  assert.equal(config.dataFolder, '/a')
})

test('one error lists every bad value and every unknown name', () => {
  const { message, paths } = faults(
    {
      LOOKALIKE_PORT: '65536',
      LOOKALIKE_PROT: '1',
      LOOKALIKE_PROVIDER: 'gpu',
      LOOKALIKE_IMPORT_ROTO: '/srv',
    },
    { maxPixels: '1e6' },
  )
  assert.deepEqual(paths, [
    'LOOKALIKE_PORT',
    'LOOKALIKE_PROVIDER',
    '--max-pixels',
    'LOOKALIKE_IMPORT_ROTO',
    'LOOKALIKE_PROT',
  ])
  for (const path of paths) assert.ok(message.includes(path), `${path} is not in: ${message}`)
  assert.match(message, /expected an integer from 0 to 65535, got "65536"/)
})

test('the variables of the client are no faults', () => {
  loadConfig({ LOOKALIKE_URL: 'http://127.0.0.1:1', LOOKALIKE_API_KEY: SECRET })
})

for (const [variable, value] of [
  ['LOOKALIKE_PORT', ''],
  ['LOOKALIKE_PORT', '-1'],
  ['LOOKALIKE_PORT', '80.5'],
  ['LOOKALIKE_PORT', ' 80'],
  ['LOOKALIKE_MAX_BODY_BYTES', '32MiB'],
  ['LOOKALIKE_MAX_BODY_BYTES', '0'],
  ['LOOKALIKE_MAX_PIXELS', '0x10'],
  ['LOOKALIKE_HOST', ''],
  ['LOOKALIKE_HOST', 'http://localhost'],
  ['LOOKALIKE_DATA', ''],
  ['LOOKALIKE_MODEL', '../other'],
  ['LOOKALIKE_ANONYMOUS', ''],
  ['LOOKALIKE_ANONYMOUS', 'yes'],
  ['LOOKALIKE_URL_FETCH', 'on'],
  ['LOOKALIKE_IMPORT_ROOT', ''],
  ['LOOKALIKE_MAX_ARCHIVE_BYTES', '1GiB'],
  ['LOOKALIKE_LOG_LEVEL', 'verbose'],
  ['LOOKALIKE_API_KEYS', ''],
  ['LOOKALIKE_API_KEYS', `a:admin:${SECRET}`],
  ['LOOKALIKE_API_KEYS', `a b:read:${SECRET}`],
  ['LOOKALIKE_API_KEYS', 'a:read:fifteen-letters'],
  ['LOOKALIKE_API_KEYS', `a:read:${SECRET} x`],
  ['LOOKALIKE_API_KEYS', `a:read:${SECRET},a:write:${SECRET}2`],
  ['LOOKALIKE_API_KEYS', `a:read:${SECRET},b:write:${SECRET}`],
  ['LOOKALIKE_API_KEYS', `a:read@:${SECRET}`],
  ['LOOKALIKE_API_KEYS', `a:read@cats+:${SECRET}`],
  ['LOOKALIKE_API_KEYS', `a:read@cats dogs:${SECRET}`],
  ['LOOKALIKE_API_KEYS', `a:read@*:${SECRET}`],
  ['LOOKALIKE_API_KEYS', `a:write@cats:${SECRET}`],
  ['LOOKALIKE_API_KEYS', `a:@cats:${SECRET}`],
  ['LOOKALIKE_API_KEYS_FILE', '/nowhere/keys'],
  ['LOOKALIKE_RATE_LIMIT', '-1'],
  ['LOOKALIKE_DAILY_QUOTA', '1e3'],
  ['LOOKALIKE_DEADLINE_SECONDS', '0'],
  ['LOOKALIKE_ALLOWED_HOSTS', ''],
  ['LOOKALIKE_ALLOWED_HOSTS', 'http://shop.example'],
  ['LOOKALIKE_ALLOWED_HOSTS', 'shop.example,*'],
  ['LOOKALIKE_TRUSTED_PROXIES', 'true'],
  ['LOOKALIKE_TRUSTED_PROXIES', '10.0.0.0/33'],
  ['LOOKALIKE_TRUSTED_PROXIES', '10.0.0.0/0'],
  ['LOOKALIKE_TRUSTED_PROXIES', '::1/129'],
] as const) {
  test(`${variable}=${JSON.stringify(value)} is refused by name`, () => {
    assert.deepEqual(faults({ [variable]: value }).paths, [variable])
  })
}

test('URLs are fetched only when that is set by name', () => {
  assert.equal(loadConfig({ LOOKALIKE_URL_FETCH: 'public' }).urlFetch, 'public')
  assert.match(faults({ LOOKALIKE_URL_FETCH: 'on' }).message, /one of off, public, got "on"/)
})

test('a refused key never shows its secret', () => {
  const { message } = faults({
    LOOKALIKE_API_KEYS: `a:admin:${SECRET},${SECRET},b:read:short-secret,c:read:${SECRET} x`,
  })
  assert.ok(!message.includes(SECRET), message)
  assert.ok(!message.includes('short-secret'), message)
  assert.match(message, /4 faults/)
})

test('keys come from a file by lines and commas, and a secret may hold colons', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-config-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys')
  writeFileSync(file, `shop:read:${SECRET}\r\n\nci:write:${SECRET}:2, ops:write:${SECRET}:3\n`)
  assert.deepEqual(loadConfig({ LOOKALIKE_API_KEYS_FILE: file }).apiKeys, [
    { name: 'shop', scope: 'read', secret: SECRET, collections: null },
    { name: 'ci', scope: 'write', secret: `${SECRET}:2`, collections: null },
    { name: 'ops', scope: 'write', secret: `${SECRET}:3`, collections: null },
  ])
})

test('a read key may name the collections that it sees', () => {
  const { apiKeys } = loadConfig({
    LOOKALIKE_API_KEYS: `a:read@cats:${SECRET}:1, b:read@Cats_2+dogs.x:${SECRET}:read@x`,
  })
  assert.deepEqual(apiKeys, [
    { name: 'a', scope: 'read', secret: `${SECRET}:1`, collections: ['cats'] },
    { name: 'b', scope: 'read', secret: `${SECRET}:read@x`, collections: ['Cats_2', 'dogs.x'] },
  ])
})

test('hosts, origins and proxies are lists', () => {
  const { allowedHosts, corsOrigins, trustedProxies } = loadConfig({
    LOOKALIKE_ALLOWED_HOSTS: 'Shop.example, nas',
    LOOKALIKE_CORS_ORIGINS: 'https://Shop.example, http://localhost:3000',
    LOOKALIKE_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8, 2001:db8::/32,::1',
  })
  assert.deepEqual(allowedHosts, ['shop.example', 'nas'])
  assert.deepEqual(corsOrigins, ['https://shop.example', 'http://localhost:3000'])
  assert.deepEqual(trustedProxies, ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32', '::1'])
})

test('an origin is a scheme, a host and a port, and no pattern', () => {
  const odd = ['*', 'null', 'shop.example', 'https://shop.example/', 'https://*.shop.example']
  odd.push('https://a.example:443', 'ftp://a.example', 'https://u@a.example', 'https://a.example,')
  for (const origins of odd) {
    assert.deepEqual(faults({ LOOKALIKE_CORS_ORIGINS: origins }).paths, ['LOOKALIKE_CORS_ORIGINS'])
  }
})

test('keys given twice over are refused, and a flag replaces both variables', () => {
  const environment = {
    LOOKALIKE_API_KEYS: `a:read:${SECRET}`,
    LOOKALIKE_API_KEYS_FILE: '/nowhere/keys',
  }
  assert.deepEqual(faults(environment).paths, ['LOOKALIKE_API_KEYS and LOOKALIKE_API_KEYS_FILE'])
  const { apiKeys } = loadConfig(environment, { apiKeys: `b:write:${SECRET}` })
  assert.deepEqual(
    apiKeys.map((key) => key.name),
    ['b'],
  )
})
