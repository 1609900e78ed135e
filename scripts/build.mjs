// Builds what `npm ci` leaves unbuilt: the native addons, the WASM kernels and the JavaScript of src.
// It reaches nothing: Node's own headers serve where they are installed beside it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const ADDONS = [
  {
    name: 'SQLite',
    package: 'better-sqlite3',
    file: 'build/Release/better_sqlite3.node',
    takes: 'one to two minutes',
  },
  { name: 'HNSW', package: 'hnswlib-node', file: 'build/Release/addon.node', takes: '20 seconds' },
]

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
  if (result.status === 0) return
  const why = result.error?.message ?? `exit status ${result.status}`
  fail(`\`${command} ${args.join(' ')}\` failed: ${why}`)
}

function fail(message) {
  process.stderr.write(`lookalike: ${message}\n`)
  process.exit(1)
}

function works(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}

function fileOf(addon) {
  return join(root, 'node_modules', addon.package, addon.file)
}

function checkCompiler(addon) {
  const missing = [
    ...(works(process.env.PYTHON ?? 'python3') ? [] : ['python3']),
    ...(works('make') ? [] : ['make']),
    ...(works(process.env.CXX ?? 'g++') || works('c++') ? [] : ['g++']),
  ]
  if (missing.length > 0) {
    fail(
      `compiling ${addon.name} needs ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not installed. ` +
        'On Debian or Ubuntu: apt-get install python3 make g++. On Alpine: apk add python3 make g++. On macOS: xcode-select --install.',
    )
  }
}

function buildAddon(addon) {
  checkCompiler(addon)
  process.stderr.write(`lookalike: compiling ${addon.name}, once (${addon.takes})\n`)
  const prefix = resolve(dirname(process.execPath), '..')
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? [`--nodedir=${prefix}`] : []
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  run(npm[0], [
    ...npm.slice(1),
    'rebuild',
    addon.package,
    '--ignore-scripts=false',
    '--build-from-source',
    '--loglevel=error',
    ...headers,
  ])
  if (!existsSync(fileOf(addon))) fail(`compiling ${addon.name} left no ${fileOf(addon)}`)
}

function buildKernels() {
  mkdirSync(join(root, 'dist/src/kernels'), { recursive: true })
  run(process.execPath, [
    join(root, 'node_modules/assemblyscript/bin/asc.js'),
    ...['src/kernels/assembly/scan.ts', 'src/kernels/assembly/codes.ts'],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--enable', 'threads'],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ...['--outFile', 'dist/src/kernels/kernels.wasm'],
  ])
}

if (!existsSync(join(root, 'node_modules'))) fail('run `npm ci` first: node_modules is missing')
for (const addon of ADDONS) {
  if (!existsSync(fileOf(addon))) buildAddon(addon)
}
if (!existsSync(join(root, 'node_modules/typescript'))) {
  fail('the development dependencies are missing: run `npm ci` without --omit=dev')
}
// A file whose source is gone must not live on: a deleted test would still pass.
rmSync(join(root, 'dist'), { recursive: true, force: true })
buildKernels()
run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])
