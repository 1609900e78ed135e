// Generates the types of our own clients from /openapi.json: `npm run client-types`, after the build.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { openApiText, stampOf } from '../dist/test/support/openapi-document.js'
import { pythonTypes } from './python-types.mjs'

const GENERATORS = 'test/client-generators'
if (!existsSync(`${GENERATORS}/node_modules`)) {
  const options = { stdio: 'inherit' }
  const { status } = spawnSync(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--prefix', GENERATORS],
    options,
  )
  if (status !== 0) process.exit(status ?? 1)
}
const generator = createRequire(`${process.cwd()}/${GENERATORS}/package.json`)
const { default: openapiTS, astToString } = generator('openapi-typescript')
const ts = generator('typescript')

const text = await openApiText()
const stamp = `Generated from /openapi.json by \`npm run client-types\`: change nothing here.\nSHA-256 of the document: ${stampOf(text)}`
const comment = (mark) => stamp.replaceAll(/^/gm, `${mark} `)

/** Leaves out the answers of what went wrong: the client throws them. */
function withoutProblems(document) {
  for (const call of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    const good = Object.entries(call.responses).filter(([status]) => status.startsWith('2'))
    call.responses = Object.fromEntries(good)
  }
  return document
}

const blob = ts.factory.createTypeReferenceNode('Blob')
const types = await openapiTS(withoutProblems(JSON.parse(text)), {
  alphabetize: true,
  transform: ({ format }) => (format === 'binary' ? blob : undefined),
})
writeFileSync('src/client/api-types.ts', `${comment('//')}\n${astToString(types)}`)
writeFileSync(
  'clients/python/lookalike/api_types.py',
  `${comment('#')}\n${pythonTypes(JSON.parse(text))}`,
)
