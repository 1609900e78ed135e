import { test } from 'node:test'
import { makeCheckout, Walk } from '../support/documents/walk.ts'
import { stepsOf } from '../support/documents/walked.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

for (const document of ['docs/models.md', 'docs/learning.md', 'docs/evaluation.md'] as const) {
  test(`every command of ${document} prints what it says`, async (t) => {
    const walk = new Walk(t, makeCheckout(temporaryFolder(t)), {
      anyNumber: document === 'docs/learning.md',
    })
    for (const step of stepsOf(document)) await walk.run(step)
  })
}
