import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('the demo indexes the emoji, shows three searches and finds the cat in the other drawing', async (t) => {
  const data = temporaryFolder(t)
  const args = ['dist/examples/demo.js', '--once', '--data', data]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  assert.match(stdout, /^emoji: 704 added, 0 skipped, 0 refused/m)
  assert.match(stdout, /^The service is up: http:\/\/127\.0\.0\.1:\d+ /m)
  assert.equal(stdout.match(/^ {2}(curl|npx lookalike search) /gm)?.length, 3)
  assert.match(stdout, /^ +1 {2}animal-mammal\/cat\.twitter\.png +animal-mammal +0\.\d{4}/m)
  assert.ok(!readdirSync(data).includes('service.json'))
})
