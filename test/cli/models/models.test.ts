import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { node } from '../../../src/onnx/parts.ts'
import { runCommand } from '../../support/command-line.ts'
import { makePictureFolder } from '../../support/pictures.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { externalModel, tinyModel, tokenModel } from '../../support/tiny-model.ts'

/** 256 x 128, as models of persons are. */
const PERSON = ['--resize', 'stretch', '--mean', '0.5,0.4,0.3', '--std', '0.2,0.2,0.25']

function makeWorkplace(t: TestContext) {
  const root = temporaryFolder(t)
  const models = join(root, 'models')
  const file = join(root, 'person.onnx')
  const size = { width: 128, height: 256 }
  writeFileSync(file, tinyModel({ layout: 'NCHW', size, tail: LINEAR }))
  const run = async (...args: string[]) =>
    await runCommand(['models', ...args, '--models', models, ...PROVIDER[args[0] ?? '']!])
  return { root, models, file, run }
}

const PROVIDER: Record<string, readonly string[]> = {
  add: ['--provider', 'cpu'],
  check: ['--provider', 'cpu'],
  list: [],
  inspect: [],
}
// The mean of each channel, which may be negative; a root of it would be NaN.
const LINEAR = [node('Identity', ['mean'], ['embedding'])]

test('a model of 256 x 128 is added, listed, inspected, checked and searched with', async (t) => {
  const { root, models, file, run } = makeWorkplace(t)
  const added = await run('add', file, ...PERSON, '--licence', 'MIT', '--json')
  assert.equal(added.status, 0, added.stderr)
  const bundle = JSON.parse(added.stdout)
  assert.deepEqual([bundle.name, bundle.licence], ['person', 'MIT'])
  assert.deepEqual(bundle.input, {
    name: 'image',
    layout: 'NCHW',
    width: 128,
    height: 256,
    resize: 'stretch',
    mean: [127.5, 102, 76.5],
    std: [51, 51, 63.75],
    cropFraction: 1,
    kernel: 'linear',
    colour: 'rgb',
  })
  assert.deepEqual(readdirSync(models), ['person'])

  const listed = JSON.parse((await run('list', '--json')).stdout).models
  assert.equal(listed.length, 1)
  assert.deepEqual(
    [listed[0].name, listed[0].sha256, listed[0].fault],
    ['person', bundle.sha256, null],
  )

  const inspected = JSON.parse((await run('inspect', 'person', '--json')).stdout)
  assert.deepEqual(inspected.inputs, [{ name: 'image', type: 'FLOAT', dims: [null, 3, 256, 128] }])
  assert.equal(inspected.preprocessing.value.height, 256)

  const checked = await run('check', 'person', '--json')
  assert.equal(checked.status, 0, checked.stdout + checked.stderr)
  const { images, lengths, batchDifference, distances, faults } = JSON.parse(checked.stdout)
  assert.deepEqual([images.length, distances.length, faults], [8, 28, []])
  assert.ok(Math.abs(lengths.least - 1) < 1e-5 && batchDifference < 1e-5)

  const pictures = join(root, 'pictures')
  makePictureFolder(pictures)
  const place = ['--data', join(root, 'data'), '--models', models, '--model', 'person']
  const indexed = await runCommand(['index', pictures, '--collection', 'c', ...place])
  assert.equal(indexed.status, 3, indexed.stderr)
  const search = ['search', join(pictures, 'top.png'), '--collection', 'c', '--json']
  const { stdout } = await runCommand([...search, ...place])
  const found = JSON.parse(stdout)
  assert.equal(found.matches[0].id, 'top.png')
  assert.ok(found.matches[0].distance < 1e-6, stdout)
})

test('a folder laid out as on the hub is added without options', async (t) => {
  const { root, models, run } = makeWorkplace(t)
  mkdirSync(join(root, 'dino', 'onnx'), { recursive: true })
  writeFileSync(join(root, 'dino', 'onnx', 'model.onnx'), tokenModel(4))
  writeFileSync(join(root, 'dino', 'config.json'), '{"model_type":"dinov2","hidden_size":3}')
  const preprocessor = {
    image_processor_type: 'BitImageProcessor',
    size: { shortest_edge: 5 },
    crop_size: { height: 4, width: 4 },
    do_normalize: false,
  }
  writeFileSync(join(root, 'dino', 'preprocessor_config.json'), JSON.stringify(preprocessor))
  const { status, stdout, stderr } = await run('add', join(root, 'dino/onnx/model.onnx'))
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^dino: 3 numbers of last_hidden_state, pooled by class-token, /)
  const { input, output } = JSON.parse(readFileSync(join(models, 'dino', 'model.json'), 'utf8'))
  assert.deepEqual(
    [input.width, input.resize, input.cropFraction, input.kernel, output.pooling],
    [4, 'shortest-edge', 0.8, 'cubic', 'class-token'],
  )
})

test('weights in another file become part of the one ONNX file of the bundle', async (t) => {
  const { root, models, run } = makeWorkplace(t)
  const { onnx, files } = externalModel()
  writeFileSync(join(root, 'split.onnx'), onnx)
  const missing = await run('add', join(root, 'split.onnx'), ...PERSON)
  assert.match(missing.stderr, /model\.onnx_data: ENOENT.*\(FILE_UNREADABLE\)$/m)
  for (const [name, bytes] of files) writeFileSync(join(root, name), bytes)
  const { status, stderr } = await run('add', join(root, 'split.onnx'), ...PERSON)
  assert.equal(status, 0, stderr)
  assert.deepEqual(readdirSync(join(models, 'split')).sort(), ['model.json', 'model.onnx'])
  const inspected = JSON.parse((await run('inspect', 'split', '--json')).stdout)
  assert.deepEqual([inspected.externalFiles, inspected.parameters], [[], 3])
})

test('missing facts about preprocessing are requested all at once', async (t) => {
  const { file, run } = makeWorkplace(t)
  const { status, stderr } = await run('add', file)
  assert.equal(status, 1)
  assert.match(stderr, /expected --resize, --mean, --std, or a preprocessor_config\.json/)
})

test('a name that is taken stays unless it is forced', async (t) => {
  const { models, file, run } = makeWorkplace(t)
  await run('add', file, ...PERSON)
  const again = await run('add', file, ...PERSON, '--kernel', 'cubic')
  assert.match(again.stderr, /\(MODEL_EXISTS\)$/m)
  const forced = await run('add', file, ...PERSON, '--kernel', 'cubic', '--force')
  assert.equal(forced.status, 0, forced.stderr)
  assert.match(readFileSync(join(models, 'person', 'model.json'), 'utf8'), /"kernel": "cubic"/)
})

test('a model that does not run leaves nothing behind', async (t) => {
  const { root, models, run } = makeWorkplace(t)
  // It claims six numbers and gives three.
  writeFileSync(join(root, 'wrong.onnx'), tinyModel({ outputDims: ['n', 6] }))
  const { status, stderr } = await run('add', join(root, 'wrong.onnx'), ...PERSON)
  assert.equal(status, 1)
  assert.match(stderr, /expected output of shape \[(\d+), 6\], got \[\1, 3\].*\(MODEL_INVALID\)$/m)
  assert.deepEqual(readdirSync(models), [])
})

test('a model that gives every image one vector is not sound: status 1 and the fault', async (t) => {
  const { root, run } = makeWorkplace(t)
  const tail = [node('Sub', ['mean', 'mean'], ['nothing']), node('Exp', ['nothing'], ['embedding'])]
  writeFileSync(join(root, 'same.onnx'), tinyModel({ tail }))
  const added = await run('add', join(root, 'same.onnx'), ...PERSON)
  assert.equal(added.status, 0, added.stderr)
  const { status, stdout } = await run('check', 'same')
  assert.equal(status, 1)
  assert.match(stdout, /^fault: expected different vectors of different images/m)
})

test('a file is inspected with what lies beside it, or why that is of no use', async (t) => {
  const { root, file, run } = makeWorkplace(t)
  writeFileSync(join(root, 'preprocessor_config.json'), '{"image_processor_type":"Other"}')
  const { status, stdout, stderr } = await run('inspect', file)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^opset +13$/m)
  assert.match(stdout, /^input +image FLOAT \[\?, 3, 256, 128\]$/m)
  assert.match(stdout, /^embedding +name embedding; dimensions 3$/m)
  assert.match(
    stdout,
    /^preprocessing .*preprocessor_config\.json: \/image_processor_type must be/m,
  )
})

test('values of 0 to 255 are refused as mean and std, with how to convert them', async (t) => {
  const { models, file, run } = makeWorkplace(t)
  for (const option of ['--mean', '--std']) {
    const { status, stderr } = await run('add', file, ...PERSON, option, '123.675,0.5,0.5')
    assert.equal(status, 2)
    assert.match(stderr, /from 0 to 1, got 123\.675: divide values from 0 to 255 by 255\./)
  }
  assert.ok(!existsSync(models))
})

test('a folder with an ONNX file and no description is listed with the cure', async (t) => {
  const { models, file, run } = makeWorkplace(t)
  for (const place of ['bare', join('hub', 'onnx'), '.hidden', 'empty']) {
    mkdirSync(join(models, place), { recursive: true })
  }
  for (const place of ['bare/a.onnx', 'hub/onnx/model.onnx', '.hidden/a.onnx', 'empty/a.txt']) {
    copyFileSync(file, join(models, place))
  }
  const { status, stdout } = await run('list')
  assert.equal(status, 0)
  assert.match(
    stdout,
    /^bare .*broken: expected a model\.json beside a\.onnx.*`lookalike models add`$/m,
  )
  const { models: listed } = JSON.parse((await run('list', '--json')).stdout)
  assert.deepEqual(
    listed.map(({ name }: { name: string }) => name),
    ['bare', 'hub'],
  )
  assert.match(listed[1].fault, /beside onnx\/model\.onnx, got none/)
})

test('a bundle with a faulty description is listed with its fault', async (t) => {
  const { models, run } = makeWorkplace(t)
  mkdirSync(join(models, 'broken'), { recursive: true })
  writeFileSync(join(models, 'broken', 'model.json'), '{}')
  const { status, stdout } = await run('list')
  assert.equal(status, 0)
  assert.match(stdout, /^broken .*broken: .*\/sha256 is missing/m)
})
