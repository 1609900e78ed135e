import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** Writes the address of every module that is loaded to standard error. */
const HOOKS = `
  import { writeSync } from 'node:fs'
  export function load(url, context, next) {
    writeSync(2, url + '\\n')
    return next(url, context)
  }`

test('the help of lookalike loads no package but commander', () => {
  const hooks = `data:text/javascript,${encodeURIComponent(HOOKS)}`
  const register = `import { register } from 'node:module'; register(${JSON.stringify(hooks)})`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(register)}`]
  const { stderr, stdout } = spawnSync(
    process.execPath,
    [...args, 'dist/src/cli/lookalike.js', '--help'],
    { encoding: 'utf8' },
  )
  assert.match(stdout, /^Usage: lookalike /)
  assert.match(stderr, /dist\/src\/cli\/lookalike\.js/)
  const packages = [...stderr.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)]
  assert.deepEqual([...new Set(packages.map(([, name]) => name))], ['commander'])
})
