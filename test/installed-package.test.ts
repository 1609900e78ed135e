import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from './support/temporary-folder.ts'

// Installing compiles SQLite and asks the registry for packages: minutes, and not on every machine.
const skip = process.env.TEST_INSTALLED_PACKAGE === undefined && 'TEST_INSTALLED_PACKAGE is not set'

test('a packed lookalike, installed globally, works from any folder and leaves nothing in it', {
  skip,
  timeout: 1_800_000,
}, async (t) => {
  const root = temporaryFolder(t)
  const [prefix, home, work] = ['prefix', 'home', 'work'].map((name) => join(root, name))
  for (const folder of [prefix!, home!, work!]) mkdirSync(folder)
  const npm = (...args: string[]) => execFileSync('npm', args, { stdio: ['ignore', 'ignore', 2] })
  npm('pack', '--pack-destination', root)
  const [archive] = readdirSync(root).filter((name) => name.endsWith('.tgz'))
  // The configuration of this checkout, which runs no scripts of packages, does not hold there.
  npm('install', '--global', '--ignore-scripts=false', '--prefix', prefix!, join(root, archive!))
  const command = join(prefix!, 'bin/lookalike')
  const options = { cwd: work!, env: { PATH: process.env.PATH, HOME: home } }
  const lookalike = (...args: string[]) =>
    execFileSync(command, args, { ...options, encoding: 'utf8' })

  assert.match(lookalike('--version'), /^\d+\.\d+\.\d+\n$/)
  const pictures = resolve('examples/emoji/drink')
  const index = JSON.parse(lookalike('index', pictures, '--collection', 'c', '--json', '--quiet'))
  assert.ok(index.added > 0 && index.refused.length === 0, JSON.stringify(index))
  const [picture] = readdirSync(pictures)
  const search = ['search', join(pictures, picture!), '--collection', 'c', '--json']
  assert.equal(JSON.parse(lookalike(...search)).matches[0].id, picture)
  const { models } = JSON.parse(lookalike('models', 'list', '--json'))
  assert.equal(models.filter((model: { default: boolean }) => model.default).length, 1)
  assert.match(lookalike('models', 'check', models[0].name), /sound\n$/)

  const service = spawn(command, ['serve', '--port', '0'], {
    ...options,
    stdio: ['ignore', 'pipe', 2],
  })
  const closed = once(service, 'close')
  let log = ''
  for await (const text of service.stdout!.setEncoding('utf8')) {
    log += text
    if (log.includes('"msg":"ready"')) break
  }
  service.kill('SIGTERM')
  assert.deepEqual(await closed, [0, null])

  assert.deepEqual(readdirSync(work!), [])
  assert.deepEqual(readdirSync(join(home!, '.local/share/lookalike')), ['data'])
})
