import { test } from 'node:test'
import { makeCheckout, Walk } from '../support/documents/walk.ts'
import { stepsOf } from '../support/documents/walked.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('every command of README.md prints what it says', async (t) => {
  const walk = new Walk(t, makeCheckout(temporaryFolder(t)), {
    words: {
      FOLDER: 'examples/emoji/food-fruit',
      IMAGE: 'examples/emoji/food-fruit/cherries.google.png',
      NAME: 'fruit',
    },
  })
  for (const step of stepsOf('README.md')) await walk.run(step)
})

test('every command of docs/quickstart.md prints what it says', async (t) => {
  const checkout = makeCheckout(temporaryFolder(t))
  const walk = new Walk(t, checkout, { words: { '/home/ann/lookalike/index-data': checkout.data } })
  for (const step of stepsOf('docs/quickstart.md')) await walk.run(step)
})
