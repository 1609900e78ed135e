import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { makeCheckout, Walk } from '../support/documents/walk.ts'
import { stepsOf } from '../support/documents/walked.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PEOPLE = {
  crops: resolve('../shared/data/person-crops'),
  osnet_x0_25_msmt17: resolve('../shared/models/osnet_x0_25_msmt17'),
}
const PRODUCTS = { products: resolve('examples/emoji/food-fruit') }
const isThere = Object.values(PEOPLE).every((path) => existsSync(path))

for (const { what, linked, own, skip } of [
  {
    what: 'people',
    linked: PEOPLE,
    own: /crops|osnet|people/,
    skip: !isThere && 'the pictures and the model of people are not in the repository',
  },
  { what: 'products', linked: PRODUCTS, own: /products|shop/, skip: false },
]) {
  test(`every command on ${what} of docs/reidentification.md prints what it says`, {
    skip,
  }, async (t) => {
    const walk = new Walk(t, makeCheckout(temporaryFolder(t), linked), { anyNumber: true })
    for (const step of stepsOf('docs/reidentification.md')) {
      if (/^npx lookalike serve|^export /.test(step.text) || own.test(step.text)) {
        await walk.run(step)
      }
    }
  })
}
