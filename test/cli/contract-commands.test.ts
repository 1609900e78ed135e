import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../support/command-line.ts'
import { makePictureFolder } from '../support/pictures.ts'
import { serveDataFolder } from '../support/served.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('collections, records, searches and jobs of a running service', async (t) => {
  const root = temporaryFolder(t)
  const [folder, data] = [join(root, 'pictures'), join(root, 'data')]
  mkdirSync(folder)
  makePictureFolder(folder)
  const target = ['--url', (await serveDataFolder(t, data)).url]
  const run = async (...args: string[]) => await runCommand([...args, ...target])
  const json = async (...args: string[]) => {
    const { status, stdout, stderr } = await run(...args, '--json')
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout)
  }
  const here = ['--collection', 'c']

  await t.test('create makes a collection as it is told', async () => {
    const options = ['--identity-field', 'label', '--camera-field', 'camera', '--field', 'price']
    const made = await json('collections', 'create', 'c', '--keep', 'thumbnail', ...options)
    const { identityField, cameraField, fields, keep } = made
    assert.deepEqual(
      { identityField, cameraField, fields, keep },
      { identityField: 'label', cameraField: 'camera', fields: ['price'], keep: 'thumbnail' },
    )
    await runCommand(['index', folder, ...here, '--quiet', ...target])
    const { stdout } = await run('collections', 'show', 'c')
    assert.equal(JSON.parse(stdout).count, 4)
  })

  await t.test('records are listed, shown, changed and deleted', async () => {
    const listed = await json('records', 'list', ...here, '--limit', '2')
    assert.equal(listed.complete, false)
    assert.deepEqual(
      listed.records.map(({ id }: { id: string }) => id),
      ['animals/deep/fox 2.PNG', 'animals/fox.png'],
    )
    const patched = await json('records', 'patch', 'top.png', '{"price": 2}', ...here)
    assert.deepEqual(patched.metadata, { price: 2 })
    const filter = ['--filter', '{"price": 2}']
    const found = await json('records', 'list', ...here, ...filter)
    assert.deepEqual([found.complete, found.records[0].id], [true, 'top.png'])
    const { stdout } = await run('records', 'show', 'animals/fox.png', '--vector', ...here)
    assert.equal(JSON.parse(stdout).vector.length, 1280)
    writeFileSync(join(root, 'vector.json'), JSON.stringify(JSON.parse(stdout).vector))
    assert.deepEqual(await json('records', 'delete', ...here, ...filter), { deleted: 1 })
  })

  await t.test(
    'a search by a record, by its vector and by two pictures finds its twin',
    async () => {
      const search = ['search', ...here, '-k', '1']
      const byId = await json(...search, '--id', 'animals/fox.png')
      assert.equal(byId.matches[0].id, 'animals/deep/fox 2.PNG')
      const byVector = await json(...search, '--vector', join(root, 'vector.json'))
      assert.equal(byVector.matches[0].id, 'animals/fox.png')
      const pictures = ['animals/fox.png', 'animals/deep/fox 2.PNG'].map((file) =>
        join(folder, file),
      )
      const byTwo = await json(...search, ...pictures)
      assert.match(byTwo.matches[0].id, /fox/)
    },
  )

  await t.test('identify and verify decide by the thresholds they are given', async () => {
    const thresholds = ['--known', '0.5', '--unknown', '0.6']
    const fox = join(folder, 'animals/fox.png')
    const identified = await json('identify', fox, ...here, ...thresholds)
    assert.deepEqual([identified.decision, identified.identity], ['known', 'animals'])
    const verified = await json('verify', fox, 'identity:animals', ...here, '--threshold', '0.1')
    assert.equal(verified.same, true)
    const other = await run('verify', fox, 'id:fruit/cherries.png', ...here, '--threshold', '0.1')
    assert.match(other.stdout, /^not the same: distance /)
    const half = await run('identify', fox, ...here, '--known', '0.5')
    assert.equal(half.status, 2)
  })

  await t.test('observe stores with the identity that it finds', async () => {
    const thresholds = ['--known', '0.5', '--unknown', '0.6']
    const observe = ['observe', join(folder, 'animals/fox.png'), ...here, ...thresholds]
    const observed = await json(...observe, '--camera', 'c1')
    assert.deepEqual([observed.identity, observed.created], ['animals', false])
    const { records } = await json('records', 'list', ...here, '--filter', '{"camera":"c1"}')
    assert.deepEqual(
      records.map(({ id }: { id: string }) => id),
      observed.records,
    )
  })

  await t.test('jobs are listed, shown and awaited', async () => {
    const calibration = await json('calibrate', ...here)
    assert.ok(calibration.distances.nearest.accepts.length > 0)
    const { jobs } = await json('jobs', 'list', ...here)
    assert.deepEqual([jobs[0].kind, jobs[0].state], ['calibrate', 'succeeded'])
    const waited = await run('jobs', 'wait', jobs[0].id)
    assert.equal(waited.status, 0, waited.stderr)
    assert.match(waited.stdout, /: calibrate .*, succeeded, /)
    const unknown = await run('jobs', 'show', 'none')
    assert.match(unknown.stderr, /\(JOB_NOT_FOUND\)\n$/)
  })

  await t.test('an unknown collection is answered with those that there are', async () => {
    const { status, stderr } = await run('search', '--id', 'x', '--collection', 'd')
    assert.equal(status, 1)
    assert.match(stderr, /no collection "d"; there are c \(COLLECTION_NOT_FOUND\)\n$/)
  })

  await t.test('delete drops a collection only where it is told twice', async () => {
    const asked = await run('collections', 'delete', 'c')
    assert.equal(asked.status, 2)
    assert.match(asked.stderr, /expected --yes to drop c with its 4 records/)
    const dropped = await run('collections', 'delete', 'c', '--yes')
    assert.equal(dropped.stdout, 'c: dropped with 4 records\n')
    assert.deepEqual((await json('collections')).collections, [])
  })
})

test('the same commands work on a data folder, without a service', async (t) => {
  const root = temporaryFolder(t)
  const [folder, target] = [join(root, 'pictures'), ['--data', join(root, 'data')]]
  mkdirSync(folder)
  makePictureFolder(folder)
  const here = ['--collection', 'c']
  const options = ['--identity-field', 'label', '--json']
  const made = await runCommand(['collections', 'create', 'c', ...options, ...target])
  assert.equal(JSON.parse(made.stdout).identityField, 'label', made.stderr)
  await runCommand(['index', folder, ...here, '--quiet', ...target])
  const pictures = ['animals/fox.png', 'animals/deep/fox 2.PNG'].map((file) => join(folder, file))
  const identify = ['identify', ...pictures, ...here, '--known', '0.5', '--unknown', '0.6']
  const { stdout } = await runCommand([...identify, ...target])
  assert.match(
    stdout,
    /^known: animals \(distance nearest; known up to 0\.5000, .*by request\)\n\nidentity /,
  )
  const calibrated = await runCommand(['calibrate', ...here, '--json', ...target])
  assert.equal(calibrated.status, 0, calibrated.stderr)
  const jobs = await runCommand(['jobs', 'list', '--json', ...target])
  assert.equal(JSON.parse(jobs.stdout).jobs[0].state, 'succeeded', jobs.stderr)
})

test('a data folder that is not there is named, and not made by a command that reads', async (t) => {
  const data = join(temporaryFolder(t), 'none')
  const { status, stderr } = await runCommand(['collections', '--data', data])
  assert.equal(status, 1)
  assert.match(stderr, /found none at .*none: .*\(DATA_FOLDER_UNUSABLE\)\n$/)
})

test('without a key a command asks for one of the scope that it needs', async (t) => {
  const data = join(temporaryFolder(t), 'data')
  const keys = { LOOKALIKE_API_KEYS: 'ci:write:correct-horse-battery' }
  const { url } = await serveDataFolder(t, data, keys)
  const read = await runCommand(['collections', '--url', url])
  assert.match(read.stderr, /a key of scope "read" by --api-key or LOOKALIKE_API_KEY: /)
  const write = await runCommand(['collections', 'delete', 'c', '--url', url])
  assert.match(write.stderr, /a key of scope "write" by --api-key or LOOKALIKE_API_KEY: /)
})
