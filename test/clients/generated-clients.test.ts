import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { runProgram, serveForClients } from '../support/twelve-calls.ts'

/** A package of its own: the generators need an older TypeScript than ours. */
const GENERATORS = resolve('test/client-generators/node_modules')
const skip = !existsSync(GENERATORS) && '`npm ci --prefix test/client-generators` installs them'

const served = serveForClients()

/** Makes a folder in which the example `name` compiles once `generate` has run there, and runs it. */
async function runExample(name: string, program: string, options: readonly string[]) {
  const folder = join(served.folder, name)
  mkdirSync(folder)
  symlinkSync(GENERATORS, join(folder, 'node_modules'))
  cpSync(`examples/clients/${name}.ts`, join(folder, `${name}.ts`))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = {
    ...{ strict: true, noUncheckedIndexedAccess: true, target: 'es2023' },
    ...{ lib: ['es2023', 'dom', 'dom.iterable'], module: 'nodenext', types: ['node'] },
    ...{ typeRoots: [resolve('node_modules/@types')], outDir: 'out', rootDir: '.' },
    ...{ rewriteRelativeImportExtensions: true, skipLibCheck: true },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  await runProgram(process.execPath, [join(GENERATORS, program), ...options], { cwd: folder })
  const compiler = resolve('node_modules/typescript/bin/tsc')
  await runProgram(process.execPath, [compiler, '-p', '.'], { cwd: folder })
  return await runProgram(process.execPath, [
    join(folder, 'out', `${name}.js`),
    served.url,
    served.archive,
  ])
}

test('types of openapi-typescript compile, and twelve calls by them are answered', {
  skip,
}, async () => {
  const document = `${served.url}/openapi.json`
  const options = [document, '--output', 'api.ts']
  const program = 'openapi-typescript/bin/cli.js'
  assert.equal(await runExample('openapi-typescript', program, options), '12 calls passed\n')
})

test('a client of @hey-api/openapi-ts compiles, and twelve calls by it are answered', {
  skip,
}, async () => {
  const options = ['--input', `${served.url}/openapi.json`, '--output', 'client']
  const program = '@hey-api/openapi-ts/bin/run.js'
  assert.equal(await runExample('hey-api', program, options), '12 calls passed\n')
})
