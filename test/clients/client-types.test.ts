import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { openApiText, stampOf } from '../support/openapi-document.ts'
import { runProgram } from '../support/twelve-calls.ts'

const GENERATED = ['src/client/api-types.ts', 'clients/python/lookalike/api_types.py']
for (const file of GENERATED) {
  test(`${file} is of the calls as they are`, async () => {
    const [, stamp] = /SHA-256 of the document: (\w+)/.exec(readFileSync(file, 'utf8')) ?? []
    const cure = '`npm run client-types` generates it again, and the result is committed'
    assert.equal(stamp, stampOf(await openApiText()), cure)
  })
}

test('a program of a user compiles with the types of the package', async () => {
  const { name } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string }
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-client-types-'))
  try {
    mkdirSync(join(folder, 'node_modules', name, '..'), { recursive: true })
    symlinkSync(resolve('.'), join(folder, 'node_modules', name))
    writeFileSync(
      join(folder, 'program.ts'),
      `import { Lookalike, LookalikeError } from '${name}/client'
       const shoes = new Lookalike({ url: 'http://127.0.0.1:8080' }).collection('shoes')
       const { matches } = await shoes.search({ query: { image: new Blob([]) }, k: 5, filter: { a: { $gt: 1 } } })
       export const distance: number | undefined = matches[0]?.distance
       // @ts-expect-error: there is no such member.
       export const far = matches[0]?.far
       export { LookalikeError }`,
    )
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023']
    const types = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')]
    const compiler = resolve('node_modules/typescript/bin/tsc')
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    await runProgram(process.execPath, [compiler, ...options, ...types, 'program.ts'], {
      cwd: folder,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
