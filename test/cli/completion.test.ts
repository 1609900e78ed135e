import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { runCommand } from '../support/command-line.ts'

const { stdout: script } = await runCommand(['completion', 'bash'])

/** What bash offers behind the words, the last of which is being typed. */
function completed(...words: readonly string[]): readonly string[] {
  const type = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lookalike; printf '%s\\n' "\${COMPREPLY[@]}"`
  const args = ['-c', `${script}\n${type}`, 'bash', 'lookalike', ...words]
  const { stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout.split('\n').filter((line) => line !== '')
}

test('commands are completed', () => {
  assert.deepEqual(completed('coll'), ['collections'])
  assert.deepEqual(completed('collections', 'cr'), ['create'])
  assert.deepEqual(completed('identities', 'un'), ['undo', 'unknowns'])
})

test('options are completed behind other words', () => {
  assert.deepEqual(completed('search', 'a.png', '--rad'), ['--radius'])
  assert.deepEqual(completed('collections', 'create', 'x', '--id'), ['--identity-field'])
})

test('what is no command is left to files', () => {
  assert.deepEqual(completed('index', 'pictu'), [])
})

test('another shell than those known is wrong usage', async () => {
  const { status, stderr } = await runCommand(['completion', 'tcsh'])
  assert.equal(status, 2)
  assert.match(stderr, /bash, zsh, fish/)
})
