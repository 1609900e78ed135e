import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

/** Every file that the compiled module loads, and the packages outside ours, from its import lines. */
function loadedBy(module: URL, files = new Set<string>(), packages = new Set<string>()) {
  files.add(module.href)
  const text = readFileSync(module, 'utf8')
  const lines = text.matchAll(/^(?:import|export)\b(?:[^'\n]* from)? '([^']+)'/gm)
  for (const [, specifier = ''] of lines) {
    const target = new URL(specifier, module)
    if (!specifier.startsWith('.')) packages.add(specifier)
    else if (!files.has(target.href)) loadedBy(target, files, packages)
  }
  return { files, packages }
}

test('the body thread loads the readers of the calls, and no web server or native code', () => {
  const script = new URL('../../../src/http/body/body-thread.js', import.meta.url)
  const { files, packages } = loadedBy(script)
  assert.ok([...files].some((file) => file.endsWith('/http/calls/search.js')))
  const outside = [...packages].filter((name) => !name.startsWith('node:'))
  assert.deepEqual(new Set(outside), new Set(['@fastify/busboy', 'typebox', 'typebox/compile']))
})
