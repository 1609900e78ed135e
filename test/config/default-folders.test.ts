import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { defaultFolders } from '../../src/config/default-folders.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A package as it is installed, and another folder to work in. */
function installed(t: TestContext) {
  const folder = temporaryFolder(t)
  const [root, workingFolder] = [join(folder, 'package'), join(folder, 'work')]
  for (const each of [root, workingFolder]) mkdirSync(each)
  return { root, workingFolder }
}

test('an installed package keeps data and models below the home folder, and finds shipped models beside them', (t) => {
  const places = installed(t)
  assert.deepEqual(defaultFolders({ HOME: '/home/ann' }, places), {
    data: '/home/ann/.local/share/lookalike/data',
    models: '/home/ann/.local/share/lookalike/models',
    shippedModels: join(places.root, 'models'),
  })
})

test('XDG_DATA_HOME moves both folders, but a relative one is ignored', (t) => {
  const places = installed(t)
  const environment = { HOME: '/home/ann', XDG_DATA_HOME: '/big' }
  assert.equal(defaultFolders(environment, places).data, '/big/lookalike/data')
  const relative = defaultFolders({ HOME: '/home/ann', XDG_DATA_HOME: 'big' }, places)
  assert.equal(relative.models, '/home/ann/.local/share/lookalike/models')
})

test('without HOME the folder is that of the user who runs it', (t) => {
  const { data } = defaultFolders({}, installed(t))
  assert.equal(data, join(homedir(), '.local/share/lookalike/data'))
})

test('a checkout keeps data and models in it, wherever it is called from', (t) => {
  const { root, workingFolder } = installed(t)
  mkdirSync(join(root, 'scripts'))
  writeFileSync(join(root, 'scripts', 'build.mjs'), '')
  assert.deepEqual(defaultFolders({ HOME: '/home/ann' }, { root, workingFolder }), {
    data: join(root, 'index-data'),
    models: join(root, 'models'),
    shippedModels: null,
  })
})

test('data that an earlier version left in the working directory is used, an empty folder is not', (t) => {
  const places = installed(t)
  const former = join(places.workingFolder, 'index-data')
  mkdirSync(former)
  const environment = { HOME: '/home/ann' }
  assert.equal(defaultFolders(environment, places).data, '/home/ann/.local/share/lookalike/data')
  writeFileSync(join(former, 'lookalike.sqlite'), '')
  assert.equal(defaultFolders(environment, places).data, former)
})

test('a folder of data in the package makes it no checkout', (t) => {
  const places = installed(t)
  mkdirSync(join(places.root, 'index-data'))
  const { data } = defaultFolders({ HOME: '/home/ann' }, places)
  assert.equal(data, '/home/ann/.local/share/lookalike/data')
})

test('models beside such data are used with it, and a folder without a model is not', (t) => {
  const places = installed(t)
  const [former, models] = ['index-data', 'models'].map((name) => join(places.workingFolder, name))
  for (const folder of [former!, join(models!, 'mine')]) mkdirSync(folder, { recursive: true })
  const description = join(models!, 'mine', 'model.json')
  const environment = { HOME: '/home/ann' }
  const own = '/home/ann/.local/share/lookalike/models'
  writeFileSync(description, '{}')
  assert.equal(defaultFolders(environment, places).models, own)
  writeFileSync(join(former!, 'lookalike.sqlite'), '')
  const shippedModels = join(places.root, 'models')
  assert.deepEqual(defaultFolders(environment, places), { data: former, models, shippedModels })
  rmSync(description)
  assert.equal(defaultFolders(environment, places).models, own)
})
