// Runs the compiled tests: all of them, or those whose path contains one of the arguments.
// `node --test` on Node 20 expands no globs and passes with no files, so both are handled here.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

const wanted = process.argv.slice(2)
const files = readdirSync('dist/test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => join('dist/test', file))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

if (files.length === 0) {
  process.stderr.write(`no test file matches ${wanted.join(', ') || 'dist/test/**/*.test.js'}\n`)
  process.exit(1)
}
// Node runs one file at a time on two processors; many of ours wait for threads and the disk.
const atOnce = Math.max(2, availableParallelism() - 1)
const options = [
  ...['--enable-source-maps', '--test', '--test-reporter=spec', '--test-timeout=300000'],
  `--test-concurrency=${atOnce}`,
]
const result = spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit' })
process.exit(result.status ?? 1)
