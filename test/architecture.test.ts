import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

/**
 * Which rooms of src a room may import, its own left out. docs/ARCHITECTURE.md explains the table;
 * rooms that are still to come are listed so that they start out in their place.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  errors: [],
  'text-table': [],
  logger: [],
  files: ['errors'],
  vector: ['errors'],
  kernels: ['errors', 'vector'],
  index: ['errors', 'vector', 'kernels'],
  threads: ['errors'],
  scheduling: ['errors'],
  image: ['errors'],
  onnx: ['errors'],
  embedding: ['errors', 'onnx', 'image', 'scheduling'],
  evaluation: ['errors', 'vector'],
  learning: ['errors', 'vector', 'onnx', 'evaluation'],
  engine: ['errors', 'files', 'vector', 'kernels', 'index', 'threads', 'scheduling'],
  collection: [
    ...['errors', 'vector', 'index', 'scheduling', 'image', 'onnx'],
    ...['embedding', 'evaluation', 'learning', 'engine'],
  ],
  adapters: [
    ...['errors', 'files', 'vector', 'threads', 'scheduling', 'image'],
    ...['embedding', 'evaluation', 'engine', 'collection'],
  ],
  training: [
    ...['errors', 'text-table', 'files', 'vector', 'threads', 'scheduling', 'image', 'onnx'],
    ...['embedding', 'evaluation', 'learning', 'engine', 'collection', 'adapters', 'config'],
  ],
  http: ['errors', 'threads', 'scheduling', 'engine', 'collection'],
  web: [],
  config: ['errors'],
  client: [],
  service: ['*'],
  main: ['*'],
  cli: ['*'],
}

/** Rooms that know the port of the engine alone: nothing in them imports the embedded one. */
const PORT_ALONE = ['collection', 'adapters', 'training', 'http']

/** Each native or outside package has one owner. */
const OWNERS: Record<string, RegExp> = {
  sharp: /^adapters\/sharp/,
  'onnxruntime-node': /^adapters\/onnxruntime\//,
  'better-sqlite3': /^engine\/embedded\/store\//,
  'hnswlib-node': /^engine\/embedded\/graph\//,
  'ipaddr.js': /^adapters\/url-fetch\//,
  'tar-stream': /^adapters\/archives\//,
  yauzl: /^adapters\/archives\//,
  'umap-js': /^adapters\/layouts\//,
  yaml: /^cli\//,
  'onnx-buf': /^onnx\//,
  '@bufbuild/protobuf': /^onnx\//,
  fastify: /^http\//,
  '@fastify/busboy': /^http\/body\/form-parts/,
  'prom-client': /^http\//,
  commander: /^cli\//,
  'cli-progress': /^cli\//,
  'csv-parse': /^adapters\/csv-rows/,
  pino: /^logger/,
}

const root = resolve('src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !file.startsWith(join('kernels', 'assembly')),
)

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...found].map((match) => match[1]!)
}

/** The files of src that a file imports, types included. */
function targetsOf(file: string): string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(root, resolve(root, dirname(file), specifier)))
}

function roomOf(file: string): string {
  return file.split('/')[0]!.replace(/\.tsx?$/, '')
}

test('there are source files to check', () => {
  assert.ok(files.length > 10, `found ${files.length}`)
})

test('imports between rooms point inward only', () => {
  const wrong: string[] = []
  for (const file of files) {
    const room = roomOf(file)
    const allowed = MAY_IMPORT[room]
    if (allowed === undefined) {
      wrong.push(`${file}: the room ${room} is not in the table`)
      continue
    }
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) continue
      const target = roomOf(relative(root, resolve(root, dirname(file), specifier)))
      if (target !== room && !allowed.includes(target) && !allowed.includes('*')) {
        wrong.push(`${file} imports ${specifier}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

test('docs/ARCHITECTURE.md has the same table', () => {
  const page = readFileSync('docs/ARCHITECTURE.md', 'utf8')
  const [, rooms = ''] = page.split('## Rooms')
  const rows = [...rooms.matchAll(/^\| `([\w-]+)(?:\/|\.ts)` \|[^|]+\| ([^|]+) \|$/gm)]
  const table = rows.map(([, room = '', allowed = '']) => {
    if (allowed === 'nothing') return [room, []]
    return [room, allowed === 'everything' ? ['*'] : allowed.split(', ')]
  })
  assert.deepEqual(Object.fromEntries(table), MAY_IMPORT)
})

test('every path that docs/ARCHITECTURE.md names is there', () => {
  const page = readFileSync('docs/ARCHITECTURE.md', 'utf8')
  const named = [...page.matchAll(/`((?:[\w.-]+\/)+[\w-]+\.ts)`/g)].map(([, file = '']) => file)
  const places = ['src', '.', 'src/engine/embedded']
  const missing = named.filter((file) => !places.some((place) => existsSync(join(place, file))))
  assert.ok(named.length > 30, `found ${named.length} names`)
  assert.deepEqual(missing, [])
})

test('use cases know the port of the engine alone', () => {
  const wrong = files
    .filter((file) => PORT_ALONE.includes(roomOf(file)))
    .filter((file) => importsOf(file).some((specifier) => specifier.includes('engine/embedded/')))
  assert.deepEqual(wrong, [])
})

test('no files import each other in a circle', () => {
  const targets = new Map(files.map((file) => [file, targetsOf(file)]))
  const finished = new Set<string>()
  const circles: string[] = []
  function visit(file: string, path: readonly string[]): void {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (path.includes(file) || finished.has(file)) return
    for (const target of targets.get(file) ?? []) visit(target, [...path, file])
    finished.add(file)
  }
  for (const file of files) visit(file, [])
  assert.deepEqual(circles, [])
})

test('every outside package is imported by its owner alone', () => {
  const wrong: string[] = []
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      const owned = Object.keys(OWNERS).find(
        (name) => specifier === name || specifier.startsWith(`${name}/`),
      )
      if (owned !== undefined && !OWNERS[owned]!.test(file)) wrong.push(`${file}: ${specifier}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the core knows no file, network, clock or chance of its own', () => {
  const core = [
    'vector',
    'kernels',
    'index',
    'image',
    'onnx',
    'embedding',
    'evaluation',
    'learning',
    'scheduling',
    'engine',
    'collection',
  ]
  const outside =
    /'node:(fs|net|http|https|dns|child_process|worker_threads|os)|Math\.random\(|Date\.now\(|process\.env/
  const wrong = files
    .filter((file) => core.includes(roomOf(file)) && !file.startsWith('engine/embedded/'))
    .filter((file) => outside.test(readFileSync(join(root, file), 'utf8')))
  assert.deepEqual(wrong, [])
})

test('no source file outgrows one idea', () => {
  const long = files.filter(
    (file) =>
      file !== join('client', 'api-types.ts') &&
      statSync(join(root, file)).isFile() &&
      readFileSync(join(root, file), 'utf8').split('\n').length > 320,
  )
  assert.deepEqual(long, [])
})
