import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

test('nor is one that made vectors which a collection keeps, or that an unfinished job may need', async (t) => {
  const models = join(temporaryFolder(t), 'models')
  const name = 'efficientnet-lite0-int8'
  cpSync(join('models', name), join(models, name), { recursive: true })
  const generations = [{ generation: 3, model: name }]
  const job = { id: '7', kind: 'reembed', about: 'model x', progress: {}, state: 'queued' }
  const answers: Record<string, unknown> = {
    '/v1/collections': { collections: [{ name: 'c', model: 'other' }] },
    '/v1/collections/c/generations': { generations },
    '/v1/jobs': { jobs: [job] },
  }
  const service = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answers[request.url!]))
  })
  t.after(() => service.close())
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  const remove = () => runCommand(['models', 'remove', name, '--models', models, '--url', url])

  const kept = await remove()
  assert.match(kept.stderr, /is the model of generation 3 of c; .*\(MODEL_IN_USE\)\n$/)
  generations.pop()
  const needed = await remove()
  assert.match(needed.stderr, /the job 7 \(reembed: model x\) may need .*\(MODEL_IN_USE\)\n$/)
  job.state = 'succeeded'
  const removed = await remove()
  assert.equal(removed.status, 0, removed.stderr)
})
