import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../support/command-line.ts'
import { type Example, examplesOf } from '../support/documents/code-blocks.ts'
import { isNotRun, NOT_RUN } from '../support/documents/not-run.ts'
import { WALKED } from '../support/documents/walked.ts'

const DOCUMENTS = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
]
const EXAMPLES = DOCUMENTS.flatMap(examplesOf)
const walked = new Set<string>(WALKED)

function named({ document, line, text }: Example): string {
  return `${document}:${line}: ${text}`
}

test('every command of README.md and docs/ is run by a walk, or listed with the reason why not', () => {
  assert.ok(EXAMPLES.length > 150, `found ${EXAMPLES.length} examples`)
  const left = EXAMPLES.filter((example) => {
    return example.kind !== 'mention' && !walked.has(example.document) && !isNotRun(example)
  })
  assert.deepEqual(left.map(named), [])
})

test('the list of commands that are not run has no entry for a command that is gone', () => {
  const commands = EXAMPLES.filter(({ kind }) => kind !== 'mention')
  const stale = NOT_RUN.filter(({ command }) => !commands.some(({ text }) => command.test(text)))
  assert.deepEqual(
    stale.map(({ command }) => String(command)),
    [],
  )
})

test('what is said to run a command instead is there', () => {
  for (const { runBy = '.ci/run' } of NOT_RUN) assert.ok(existsSync(runBy), runBy)
})

test('every script that a document names to measure with is there', () => {
  const text = DOCUMENTS.map((document) => readFileSync(document, 'utf8')).join('\n')
  const scripts = new Set(
    [...text.matchAll(/node dist\/(bench\/[\w-]+)\.js/g)].map(([, name]) => name),
  )
  assert.ok(scripts.size > 10, `found ${scripts.size} scripts`)
  for (const script of scripts) assert.ok(existsSync(`${script}.ts`), script)
})

test('commands that a document mentions or sums up have names and options that there are', async () => {
  const summed = EXAMPLES.filter(({ kind, text }) => {
    return kind === 'mention' && /^(?:npx )?lookalike /.test(text)
  })
  const wrong: string[] = []
  const helps = new Map<string, Promise<string>>()
  const { stdout: commands } = await runCommand(['help'])
  for (const example of summed) {
    const words = example.text.replace(/^(?:npx )?lookalike /, '').split(/\s+/)
    const names = words.slice(0, 2).filter((word) => /^[a-z][a-z-]*$/.test(word))
    if (names[0] === 'help') continue
    const help =
      helps.get(names.join(' ')) ?? runCommand(['help', ...names]).then(({ stdout }) => stdout)
    helps.set(names.join(' '), help)
    const [options] = [example.text.match(/--[a-z][a-z-]*/g) ?? []]
    const text = await help
    const known = text.startsWith('Usage: lookalike ') && commands.includes(` ${names[0]} `)
    if (!known || options.some((option) => !text.includes(option))) wrong.push(named(example))
  }
  assert.ok(summed.length > 10, `found ${summed.length} mentions`)
  assert.deepEqual(wrong, [])
})
