// Builds what `npm ci` leaves unbuilt: the native addons, the WASM kernels, the JavaScript of src and the page.
// It reaches nothing: Node's own headers serve where they are installed beside it.
// With CXXFLAGS=-march=native, or of another processor, the HNSW addon is compiled for that one, and says so beside it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPage } from './build-page.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const ADDONS = [
  {
    name: 'SQLite',
    package: 'better-sqlite3',
    file: 'build/Release/better_sqlite3.node',
    takes: 'one to two minutes',
  },
  {
    name: 'HNSW',
    package: 'hnswlib-node',
    file: 'build/Release/addon.node',
    takes: '20 seconds',
    compiledFor: 'build/Release/compiled-for.json',
  },
]

// What a compiler says of the instructions it may use, and what Linux calls them.
const INSTRUCTIONS = {
  SSE3: 'pni',
  SSSE3: 'ssse3',
  SSE4_1: 'sse4_1',
  SSE4_2: 'sse4_2',
  POPCNT: 'popcnt',
  AVX: 'avx',
  AVX2: 'avx2',
  FMA: 'fma',
  F16C: 'f16c',
  BMI: 'bmi1',
  BMI2: 'bmi2',
  LZCNT: 'abm',
  MOVBE: 'movbe',
  AVX512F: 'avx512f',
  AVX512BW: 'avx512bw',
  AVX512CD: 'avx512cd',
  AVX512DQ: 'avx512dq',
  AVX512VL: 'avx512vl',
  AVX512VNNI: 'avx512_vnni',
  AVX512FP16: 'avx512_fp16',
  AVX512BF16: 'avx512_bf16',
}

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

/** Where CXXFLAGS is not set, an addon stays as it was compiled. */
function isBuilt(addon) {
  if (!existsSync(fileOf(addon))) return false
  const flags = process.env.CXXFLAGS
  if (addon.compiledFor === undefined || flags === undefined) return true
  const path = join(root, 'node_modules', addon.package, addon.compiledFor)
  const known = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).flags : ''
  return known === flags
}

/** The service checks these before it loads the addon. */
function writeCompiledFor(addon) {
  const flags = process.env.CXXFLAGS ?? ''
  const command = process.env.CXX ?? (works('g++') ? 'g++' : 'c++')
  const words = flags.split(' ').filter((word) => word !== '')
  const asked = spawnSync(command, [...words, '-dM', '-E', '-x', 'c++', '/dev/null'])
  if (asked.status !== 0) fail(`${command} does not take CXXFLAGS=${flags}: ${asked.stderr}`)
  const macros = new Set(String(asked.stdout).match(/__[A-Z0-9_]+__/g))
  const instructions = Object.entries(INSTRUCTIONS)
    .filter(([macro]) => macros.has(`__${macro}__`))
    .map(([, name]) => name)
  const path = join(root, 'node_modules', addon.package, addon.compiledFor)
  writeFileSync(path, `${JSON.stringify({ flags, instructions })}\n`)
}

function buildAddon(addon) {
  checkCompiler(addon)
  process.stderr.write(`lookalike: compiling ${addon.name}, once (${addon.takes})\n`)
  const prefix = resolve(dirname(process.execPath), '..')
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? [`--nodedir=${prefix}`] : []
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const { CXXFLAGS, ...others } = process.env
  // An addon that could not say what it was compiled for runs on every processor.
  const env = addon.compiledFor === undefined ? others : process.env
  const rebuild = ['rebuild', addon.package, '--ignore-scripts=false', '--build-from-source']
  run(npm[0], [...npm.slice(1), ...rebuild, '--loglevel=error', ...headers], { env })
  if (!existsSync(fileOf(addon))) fail(`compiling ${addon.name} left no ${fileOf(addon)}`)
  if (addon.compiledFor !== undefined) writeCompiledFor(addon)
}

function compileWasm(sources, file, options) {
  run(process.execPath, [
    join(root, 'node_modules/assemblyscript/bin/asc.js'),
    ...sources.map((name) => `src/kernels/assembly/${name}.ts`),
    ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...options],
    ...['--outFile', `dist/src/kernels/${file}`],
  ])
}

function buildKernels() {
  mkdirSync(join(root, 'dist/src/kernels'), { recursive: true })
  const shared = ['--importMemory', '--sharedMemory', '--maximumMemory', '65536']
  compileWasm(['scan', 'codes', 'pairs', 'projection'], 'kernels.wasm', [
    ...['--enable', 'threads', '--initialMemory', '1', ...shared],
  ])
  compileWasm(['enlarging'], 'enlarging.wasm', [])
}

if (!existsSync(join(root, 'node_modules'))) fail('run `npm ci` first: node_modules is missing')
for (const addon of ADDONS) {
  if (!isBuilt(addon)) buildAddon(addon)
}
if (!existsSync(join(root, 'node_modules/typescript'))) {
  fail('the development dependencies are missing: run `npm ci` without --omit=dev')
}
// A file whose source is gone must not live on: a deleted test would still pass.
rmSync(join(root, 'dist'), { recursive: true, force: true })
buildKernels()
run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])
// Users compile against the client.
run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.client.json'])
buildPage(root)
