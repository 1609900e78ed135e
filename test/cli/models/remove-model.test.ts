import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../../support/command-line.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('a model is removed unless it is the default one or that of a collection', async (t) => {
  const root = temporaryFolder(t)
  const [models, data] = [join(root, 'models'), join(root, 'data')]
  mkdirSync(models)
  const [byDefault, other] = ['efficientnet-lite2-lite0-int8', 'efficientnet-lite0-int8']
  for (const name of [byDefault, other]) {
    cpSync(join('models', name), join(models, name), { recursive: true })
  }
  const remove = (...args: string[]) =>
    runCommand(['models', 'remove', ...args, '--models', models, '--data', data])

  const first = await remove(byDefault)
  assert.match(first.stderr, /is the default model; .*\(MODEL_IN_USE\)\n$/)
  const create = ['collections', 'create', 'c', '--model', other, '--data', data]
  const made = await runCommand(create, { LOOKALIKE_MODELS: models })
  assert.equal(made.status, 0, made.stderr)
  const used = await remove(other)
  assert.match(used.stderr, /is the model of c; .*\(MODEL_IN_USE\)\n$/)
  const forced = await remove(other, '--force')
  assert.equal(forced.stdout, `${other}: removed from ${models}\n`, forced.stderr)
  assert.ok(!existsSync(join(models, other)))
  const unknown = await remove('nosuch')
  assert.match(unknown.stderr, new RegExp(`there are ${byDefault} \\(MODEL_NOT_FOUND\\)\\n$`))
})
