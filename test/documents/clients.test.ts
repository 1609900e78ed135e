import { resolve } from 'node:path'
import { test } from 'node:test'
import { makeCheckout, Walk } from '../support/documents/walk.ts'
import { stepsOf } from '../support/documents/walked.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('the programs of docs/clients.md run', async (t) => {
  const linked = { 'README.md': resolve('README.md') }
  const walk = new Walk(t, makeCheckout(temporaryFolder(t), linked))
  await walk.serve()
  for (const step of stepsOf('docs/clients.md')) await walk.run(step)
})
