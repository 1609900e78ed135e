import { test } from 'node:test'
import { makeCheckout, Walk } from '../support/documents/walk.ts'
import { stepsOf } from '../support/documents/walked.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** In this order: the others go on where the first one ends, and the last one stops the service. */
const DOCUMENTS = [
  'docs/http.md',
  'docs/duplicates.md',
  'docs/planner.md',
  'docs/errors.md',
  'docs/url-fetch.md',
  'docs/backup.md',
  'docs/deletion.md',
] as const

test('every command of the documents on the HTTP API prints what they say', async (t) => {
  const checkout = makeCheckout(temporaryFolder(t))
  const walk = new Walk(t, checkout, { words: { FOLDER: checkout.data } })
  for (const document of DOCUMENTS) {
    for (const step of stepsOf(document)) await walk.run(step)
  }
})
