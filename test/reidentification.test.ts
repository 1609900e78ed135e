import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { serveDataFolder } from './support/served.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const CROPS = resolve('../shared/data/person-crops')
const OSNET = resolve('../shared/models/osnet_x0_25_msmt17')
const hasPeople = existsSync(CROPS) && existsSync(OSNET)

interface Step {
  readonly command: string
  /** What the page says that it prints. */
  readonly printed: string
}

/** The commands of a section of the page, each with the lines below it. */
function stepsOf(section: string): readonly Step[] {
  const page = readFileSync('docs/reidentification.md', 'utf8')
  const text = page.split(/^## /m).find((part) => part.startsWith(section)) ?? ''
  return text
    .split(/^ {4}\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...below] = part.split('\n')
      const end = below.findIndex((line) => line !== '' && !line.startsWith('    '))
      const printed = below.slice(0, end === -1 ? undefined : end).map((line) => line.slice(4))
      return { command, printed: printed.join('\n').trim() }
    })
}

/** Numbers differ between processors, and so does what lies between them. */
function masked(text: string): string {
  return text.replace(/\d+(\.\d+)?/g, '0').replace(/ +/g, ' ')
}

for (const { section, skip } of [
  { section: '1. ', skip: !hasPeople && 'the pictures and the model of people are not here' },
  { section: '2. ', skip: false },
]) {
  test(`every command of section ${section}of docs/reidentification.md prints what the page says`, {
    skip,
    timeout: 290_000,
  }, async (t) => {
    const root = temporaryFolder(t)
    const models = join(root, 'models')
    const byDefault = 'efficientnet-lite2-lite0-int8'
    mkdirSync(models)
    cpSync(join('models', byDefault), join(models, byDefault), { recursive: true })
    symlinkSync(resolve('examples/emoji/food-fruit'), join(root, 'products'))
    if (hasPeople) {
      symlinkSync(CROPS, join(root, 'crops'))
      symlinkSync(OSNET, join(root, 'osnet_x0_25_msmt17'))
    }
    const variables = { LOOKALIKE_MODELS: models }
    const { url } = await serveDataFolder(t, join(root, 'data'), variables)
    const command = `npx() { shift; '${process.execPath}' '${resolve('dist/src/cli/lookalike.js')}' "$@"; }`
    const env = { PATH: process.env.PATH, ...variables, LOOKALIKE_URL: url }
    const steps = stepsOf(section)
    assert.ok(steps.length >= 5, `found ${steps.length} commands`)
    for (const step of steps) {
      const child = spawn('bash', ['-c', `${command}\n${step.command}`], { cwd: root, env })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (text) => (stdout += text))
      child.stderr.on('data', (text) => (stderr += text))
      const [status] = await once(child, 'close')
      assert.equal(status, 0, `${step.command}\n${stderr}`)
      const wanted = masked(step.printed)
      assert.notEqual(wanted, '', step.command)
      assert.equal(masked(stdout).slice(0, wanted.length), wanted, step.command)
    }
  })
}
