import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Runs a script on a folder where no file can pass 64 KiB: a write beyond fails as on a full disk.
 * @returns what it printed, parsed.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a script says is for its test to know.
export function onSmallDisk(script: URL, folder: string): any {
  // In blocks of 1024 bytes.
  const command = 'ulimit -f 64 && exec "$0" "$@"'
  const path = fileURLToPath(script)
  const run = spawnSync('bash', ['-c', command, process.execPath, path, folder], {
    encoding: 'utf8',
  })
  assert.equal(run.status, 0, run.stderr)
  return JSON.parse(run.stdout)
}
