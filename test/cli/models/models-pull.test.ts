import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runCommand } from '../../support/command-line.ts'
import { type HubFile, startHub } from '../../support/hub.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { externalModel, tinyModel, tokenModel } from '../../support/tiny-model.ts'

const TOKEN = 'hf_tests'
const COMMIT = 'c'.repeat(40)

const text = (value: string): HubFile => ({ bytes: Buffer.from(value), lfs: false })
const large = (bytes: Uint8Array): HubFile => ({ bytes, lfs: true })
const CARD = '---\nlicense: apache-2.0\ntags: []\n---\n# A model\n'
const BIT = {
  image_processor_type: 'BitImageProcessor',
  size: { shortest_edge: 5 },
  crop_size: { height: 4, width: 4 },
  do_normalize: false,
}
const DINO = {
  'onnx/model.onnx': large(tokenModel(4)),
  'preprocessor_config.json': text(JSON.stringify(BIT)),
  'config.json': text('{"model_type":"dinov2"}'),
  'README.md': text(CARD),
}
const SHORT = ['--resize', 'stretch', '--mean', '0,0,0', '--std', '1,1,1']

async function makeWorkplace(t: TestContext, files: Record<string, HubFile>) {
  const hub = await startHub(t, files)
  const models = join(temporaryFolder(t), 'models')
  const pull = async (args: readonly string[] = [], environment: Record<string, string> = {}) => {
    hub.requests.length = 0
    const all = [
      'models',
      'pull',
      'hf:owner/name',
      '--models',
      models,
      '--provider',
      'cpu',
      ...args,
    ]
    return await runCommand(all, { HF_ENDPOINT: hub.url, HF_TOKEN: '', ...environment })
  }
  const lock = () => JSON.parse(readFileSync(join(models, 'models.lock.json'), 'utf8')).models
  const description = (name = 'name') =>
    JSON.parse(readFileSync(join(models, name, 'model.json'), 'utf8'))
  return { hub, models, pull, lock, description }
}

test('a repository becomes a bundle with preprocessing, pooling, licence and card, and is pinned', async (t) => {
  const { models, pull, lock, description } = await makeWorkplace(t, DINO)
  const { status, stdout, stderr } = await pull(['--json'])
  assert.equal(status, 0, stderr)
  const { change, model } = JSON.parse(stdout)
  assert.deepEqual([change, model.name], ['pulled', 'name'])
  const { licence, source, version, input, output } = description()
  assert.deepEqual(
    [licence, source, version],
    ['apache-2.0', `hf:owner/name at ${COMMIT}, onnx/model.onnx`, COMMIT.slice(0, 12)],
  )
  assert.deepEqual([input.width, input.resize, output.pooling], [4, 'shortest-edge', 'class-token'])
  assert.equal(readFileSync(join(models, 'name', 'README.md'), 'utf8'), CARD)
  const { name } = lock()
  assert.deepEqual([name.source, name.revision, name.commit], ['hf:owner/name', 'main', COMMIT])
  assert.deepEqual(new Set(Object.keys(name.files)), new Set(Object.keys(DINO)))
  assert.deepEqual(readdirSync(models).sort(), ['.downloads', 'models.lock.json', 'name'])
  assert.deepEqual(readdirSync(join(models, '.downloads')), [])
})

test('weights of other files are pulled too and become part of the bundle', async (t) => {
  const { onnx, files } = externalModel()
  const { models, pull, lock } = await makeWorkplace(t, {
    'onnx/model_fp16.onnx': large(onnx),
    'onnx/model.onnx_data': large(files.get('model.onnx_data')!),
  })
  const none = await pull(SHORT)
  assert.match(none.stderr, /expected onnx\/vision_model\.onnx or onnx\/model\.onnx or .*--file/)
  const { status, stderr } = await pull(['--variant', 'fp16', ...SHORT])
  assert.equal(status, 0, stderr)
  const { file, files: pinned, options } = lock().name
  assert.equal(file, 'onnx/model_fp16.onnx')
  assert.deepEqual(Object.keys(pinned), ['onnx/model_fp16.onnx', 'onnx/model.onnx_data'])
  assert.deepEqual(options, { resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1] })
  assert.deepEqual(readdirSync(join(models, 'name')).sort(), ['model.json', 'model.onnx'])
})

test('of texts and images the vision part is taken; --file takes another', async (t) => {
  const { pull, lock } = await makeWorkplace(t, {
    'onnx/model.onnx': large(Buffer.from('no model')),
    'onnx/vision_model.onnx': large(tinyModel()),
    'deep/er/other.onnx': text(Buffer.from(tinyModel()).toString('latin1')),
  })
  assert.equal((await pull(SHORT)).status, 0)
  assert.equal(lock().name.file, 'onnx/vision_model.onnx')
  const other = await pull(['--file', 'onnx/model.onnx', '--name', 'other', ...SHORT])
  assert.match(other.stderr, /\(ONNX_INVALID\)$/m)
  assert.deepEqual(Object.keys(lock()), ['name'])
})

test('a second pull verifies and downloads nothing', async (t) => {
  const { hub, pull } = await makeWorkplace(t, DINO)
  await pull()
  const { status, stdout } = await pull()
  assert.equal(status, 0)
  assert.match(stdout, /unchanged: onnx\/model\.onnx of hf:owner\/name at c+, verified$/m)
  assert.deepEqual(hub.requests, [])
})

test('the same options in another order are those that were pinned', async (t) => {
  const { pull } = await makeWorkplace(t, { 'model.onnx': large(tinyModel()) })
  const options = [...SHORT, '--kernel', 'cubic']
  assert.equal((await pull(options)).status, 0)
  const swapped = ['--kernel', 'cubic', ...SHORT]
  assert.match((await pull(swapped)).stdout, /unchanged: /)
  assert.match((await pull(SHORT)).stderr, /\(MODEL_EXISTS\)/)
})

test('a bundle that is damaged or gone is made again of the pinned commit', async (t) => {
  const { hub, models, pull, description } = await makeWorkplace(t, DINO)
  await pull()
  const before = description()
  appendFileSync(join(models, 'name', 'model.onnx'), 'x')
  const { stdout, stderr } = await pull()
  assert.match(stdout, /pulled: /, stderr)
  assert.ok(hub.requests.every(({ storage, path }) => storage || path.includes(`/${COMMIT}/`)))
  assert.deepEqual(description(), before)
})

test('a file that changed under the pinned commit is refused by both checksums; --update takes it', async (t) => {
  const { hub, models, pull, lock } = await makeWorkplace(t, DINO)
  await pull()
  const { sha256 } = lock().name.files['preprocessor_config.json']
  hub.files.set('preprocessor_config.json', text(JSON.stringify({ ...BIT, resample: 2 })))
  assert.match((await pull()).stdout, /unchanged/)
  writeFileSync(join(models, 'name', 'model.onnx'), '')
  const changed = await pull()
  assert.equal(changed.status, 1)
  assert.match(
    changed.stderr,
    new RegExp(`${sha256} of models\\.lock\\.json, got [0-9a-f]{64} \\(CHECKSUM`),
  )
  const updated = await pull(['--update'])
  assert.equal(updated.status, 0, updated.stderr)
  assert.notEqual(lock().name.files['preprocessor_config.json'].sha256, sha256)
})

test('a branch that moved on does not move the pin without --update', async (t) => {
  const { hub, models, pull, lock, description } = await makeWorkplace(t, DINO)
  await pull()
  const newer = 'd'.repeat(40)
  hub.commit = newer
  assert.match((await pull()).stdout, /unchanged/)
  assert.equal((await pull(['--update'])).status, 0)
  assert.equal(lock().name.commit, newer)
  assert.match(description().source, new RegExp(newer))
  const other = await pull(['--revision', COMMIT])
  assert.match(other.stderr, /name is pinned to .*--update pins anew \(MODEL_EXISTS\)/)
  assert.ok(existsSync(join(models, 'name')))
})

test('a download that breaks is resumed in the same pull', async (t) => {
  const { hub, pull } = await makeWorkplace(t, DINO)
  hub.breaks.push(100, 50)
  const { status, stderr } = await pull()
  assert.equal(status, 0, stderr)
  const ranges = hub.requests.filter(({ storage }) => storage).map(({ range }) => range)
  assert.deepEqual(ranges, [undefined, 'bytes=100-', 'bytes=150-'])
})

test('a download that broke for good is resumed by the next pull', async (t) => {
  const { hub, models, pull } = await makeWorkplace(t, DINO)
  hub.breaks.push(100, 0)
  const broken = await pull()
  assert.match(broken.stderr, /the same call resumes it \(DOWNLOAD_FAILED\)/)
  assert.ok(!existsSync(join(models, 'name')) && !existsSync(join(models, 'models.lock.json')))
  const { status, stderr } = await pull()
  assert.equal(status, 0, stderr)
  const [first] = hub.requests.filter(({ storage }) => storage)
  assert.equal(first?.range, 'bytes=100-')
})

test('a broken download of a file that changed meanwhile begins again', async (t) => {
  const { hub, pull } = await makeWorkplace(t, DINO)
  hub.breaks.push(100, 0)
  await pull()
  hub.files.set('onnx/model.onnx', large(tinyModel({ outputName: 'pooler_output' })))
  const { status, stderr } = await pull()
  assert.equal(status, 0, stderr)
})

test('bytes that are not those the hub names are refused', async (t) => {
  const { hub, models, pull } = await makeWorkplace(t, DINO)
  const wrong = 'a'.repeat(64)
  hub.answer = (request, response) => {
    if (!request.url!.endsWith('model.onnx')) return false
    response.writeHead(200, { 'x-linked-etag': `"${wrong}"` }).end(tokenModel(4))
    return true
  }
  const { status, stderr } = await pull()
  assert.equal(status, 1)
  assert.match(
    stderr,
    new RegExp(`expected the SHA-256 ${wrong} that the hub names, got .*CHECKSUM`),
  )
  assert.ok(!existsSync(join(models, 'name')))
})

test('a closed repository opens with HF_TOKEN, which the storage never sees', async (t) => {
  const { hub, pull } = await makeWorkplace(t, DINO)
  hub.token = TOKEN
  const without = await pull()
  assert.match(without.stderr, /\(401\).*HF_TOKEN is not set \(DOWNLOAD_FAILED\)/)
  assert.match((await pull([], { HF_TOKEN: 'hf_other' })).stderr, /HF_TOKEN does not open it/)
  const { status, stderr } = await pull([], { HF_TOKEN: TOKEN })
  assert.equal(status, 0, stderr)
  assert.doesNotMatch(stderr, new RegExp(TOKEN))
  const sent = hub.requests.map(({ storage, authorization }) => [
    storage,
    authorization !== undefined,
  ])
  assert.ok(
    sent.some(([storage]) => storage) && sent.every(([storage, token]) => storage !== token),
  )
})

test('a revision or a repository that is not there says so', async (t) => {
  const { pull } = await makeWorkplace(t, DINO)
  const { stderr } = await pull(['--revision', 'refs/pr/7'])
  assert.match(stderr, /answered 404 RevisionNotFound \(DOWNLOAD_FAILED\)/)
})

test('redirects without end, or to another protocol, are refused', async (t) => {
  const { hub, pull } = await makeWorkplace(t, DINO)
  let location = '/again'
  hub.answer = (_request, response) => {
    response.writeHead(302, { location }).end()
    return true
  }
  assert.match((await pull()).stderr, /at most 5 redirects .*\(DOWNLOAD_FAILED\)/)
  location = 'file:///etc/passwd'
  assert.match((await pull()).stderr, /a redirect to http:.*"file:.*\(DOWNLOAD_FAILED\)/)
})

test('a file larger than a model may be is refused before it is read', async (t) => {
  const { hub, pull } = await makeWorkplace(t, DINO)
  hub.answer = (request, response) => {
    if (!request.url!.endsWith('model.onnx')) return false
    response.writeHead(200, { 'content-length': String(3 * 2 ** 30) })
    response.flushHeaders()
    if (request.method === 'HEAD') response.end()
    return true
  }
  assert.match((await pull()).stderr, /at most 2147483647 bytes, got 3221225472 \(MODEL_INVALID\)/)
})

test('a model of that name that was not pulled stays unless it is forced', async (t) => {
  const { models, pull } = await makeWorkplace(t, DINO)
  mkdirSync(join(models, 'name'), { recursive: true })
  assert.match((await pull()).stderr, /\(MODEL_EXISTS\)/)
  assert.equal((await pull(['--force'])).status, 0)
})

test('preprocessing that cannot be followed is refused by name and leaves no model', async (t) => {
  const odd = { ...BIT, do_pad: true }
  const { models, pull } = await makeWorkplace(t, {
    ...DINO,
    'preprocessor_config.json': text(JSON.stringify(odd)),
  })
  const { status, stderr } = await pull()
  assert.equal(status, 1)
  assert.match(stderr, /preprocessor_config\.json: \/do_pad .*\(PREPROCESSING_UNSUPPORTED\)/)
  assert.ok(!existsSync(join(models, 'name')))
})

for (const [what, args, environment, message] of [
  ['another hub', ['hf:name'], {}, /hf:OWNER\/NAME/],
  [
    'a path out of the repository',
    ['hf:owner/name', '--file', '../a.onnx'],
    {},
    /path of an \.onnx/,
  ],
  [
    'both file and variant',
    ['hf:owner/name', '--file', 'a.onnx', '--variant', 'b'],
    {},
    /cannot be used with/,
  ],
  ['a mirror that is no address', ['hf:owner/name'], { HF_ENDPOINT: 'mirror' }, /HF_ENDPOINT/],
  [
    'a token sent in the clear',
    ['hf:owner/name'],
    { HF_ENDPOINT: 'http://mirror.example', HF_TOKEN: TOKEN },
    /https/,
  ],
] as const) {
  test(`${what} is wrong usage`, async () => {
    const { status, stderr } = await runCommand(['models', 'pull', ...args], environment)
    assert.equal(status, 2, stderr)
    assert.match(stderr, message)
  })
}
