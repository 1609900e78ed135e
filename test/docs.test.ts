import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { SETTING_NAMES, SETTINGS, variableOf } from '../src/config/settings.ts'
import type { ErrorCode } from '../src/errors.ts'
import { statusOf } from '../src/http/error-status.ts'

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
]

/** The rows of all tables of a page that begin with a name in backticks, as cells. */
function rowsOf(page: string): string[][] {
  return readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()))
}

function unquoted(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '')
}

function sorted(texts: readonly string[]): string[] {
  return [...texts].sort((a, b) => (a < b ? -1 : 1))
}

/** Without code, where brackets and number signs mean something else. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('    '))
    .join('\n')
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('docs/errors.md explains every code once, and no other', () => {
  const union = /export type ErrorCode =\n((?: +\| '[A-Z_]+'\n)+)/.exec(
    readFileSync('src/errors.ts', 'utf8'),
  )
  const codes = [...(union?.[1] ?? '').matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code)
  assert.ok(codes.length > 0, 'found no codes in src/errors.ts')
  const explained = rowsOf('docs/errors.md').map(([code]) => unquoted(code))
  assert.deepEqual(sorted(explained), sorted(codes))
})

test('docs/errors.md gives every code the status that the service answers with', () => {
  for (const [code, status] of rowsOf('docs/errors.md')) {
    assert.equal(Number(status), statusOf(unquoted(code) as ErrorCode), `the status of ${code}`)
  }
})

test('the configuration table of the README is what the service reads', () => {
  const documented = rowsOf('README.md').filter(([name]) => name?.startsWith('`LOOKALIKE_'))
  const read = SETTING_NAMES.map((name) => {
    const { byDefault, about } = SETTINGS[name]
    return [`\`${variableOf(name)}\``, byDefault === null ? 'none' : `\`${byDefault}\``, about]
  })
  assert.deepEqual(documented, read)
})

interface Lock {
  readonly packages: Record<
    string,
    { readonly license: string; readonly version: string } & Partial<
      Record<'dependencies' | 'devDependencies', Record<string, string>>
    >
  >
}

/** Names, versions and licences of what a package depends on, by its lock file. */
function dependenciesOf(folder: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as Lock
  const { dependencies, devDependencies } = packages['']!
  return Object.keys({ ...dependencies, ...devDependencies }).map((name) => {
    const { version, license } = packages[`node_modules/${name}`]!
    return [name, version, license].join(' ')
  })
}

test('docs/dependencies.md lists every dependency with its version and licence, and no other', () => {
  const wanted = [...dependenciesOf('.'), ...dependenciesOf('test/client-generators')]
  const listed = rowsOf('docs/dependencies.md').map((cells) =>
    unquoted(cells.slice(0, 3).join(' ')),
  )
  assert.deepEqual(sorted(listed), sorted(wanted))
})

test('every relative link of the documents leads somewhere', () => {
  const broken: string[] = []
  let checked = 0
  for (const page of PAGES) {
    for (const [, target = ''] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue
      checked++
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), decodeURIComponent(path))
      const leads =
        existsSync(file) &&
        (anchor === undefined || (statSync(file).isFile() && anchorsOf(file).includes(anchor)))
      if (!leads) broken.push(`${page}: ${target}`)
    }
  }
  assert.ok(checked > 10, `found ${checked} links`)
  assert.deepEqual(broken, [])
})

test('the pictures of the documents are small enough to be loaded with them', () => {
  const pictures = readdirSync('docs/images').map((name) => join('docs/images', name))
  assert.ok(pictures.length > 0)
  assert.deepEqual(
    pictures.filter((path) => statSync(path).size > 150_000),
    [],
  )
})
