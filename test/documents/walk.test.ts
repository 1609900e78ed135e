import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeCheckout, Walk } from '../support/documents/walk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('a command that does not end is ended, with what it started, and named by its line', async (t) => {
  const walk = new Walk(t, makeCheckout(temporaryFolder(t)), { limitMs: 200 })
  const example = { document: 'docs/some.md', line: 7, kind: 'command', shown: '' } as const
  await assert.rejects(
    walk.run({ ...example, text: 'sleep 120 | cat' }),
    /docs\/some\.md:7: sleep 120 \| cat\nhas not ended after 0\.2 s/,
  )
})
