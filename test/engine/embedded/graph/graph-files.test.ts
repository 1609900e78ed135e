import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  type CachePlace,
  keepActive,
} from '../../../../src/engine/embedded/cache-files/cache-place.ts'
import { inspectGraph } from '../../../../src/engine/embedded/graph/graph-file.ts'
import {
  loadGraph,
  readSidecar,
  saveGraph,
} from '../../../../src/engine/embedded/graph/graph-folder.ts'
import {
  GRAPH_EF_CONSTRUCTION,
  GRAPH_LINKS,
  Hnsw,
} from '../../../../src/engine/embedded/graph/hnsw.ts'
import { DamagedFile } from '../../../../src/files/durable-files.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { gaussianVectors } from '../../../support/random-vectors.ts'

const DIMENSIONS = 12
const COUNT = 400
const WANTED = {
  dimensions: DIMENSIONS,
  links: GRAPH_LINKS,
  efConstruction: GRAPH_EF_CONSTRUCTION,
}
/** Where things are in a file of hnswlib 0.8. */
const HEADER_BYTES = 96
const LINK_BYTES = (GRAPH_LINKS * 2 + 1) * 4
const NODE_BYTES = LINK_BYTES + DIMENSIONS * 4 + 8
const UPPER = HEADER_BYTES + COUNT * NODE_BYTES

const vectors = gaussianVectors(seededRandom(3), COUNT, DIMENSIONS)
let root: string
let pristine: string

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'lookalike-graphs-'))
  pristine = join(root, 'pristine')
  const hnsw = Hnsw.empty(DIMENSIONS)
  for (const [i, vector] of vectors.entries()) hnsw.add(i + 1, vector)
  hnsw.remove(5)
  const shape = { ...WANTED, count: COUNT }
  await saveGraph(placeIn(pristine), shape, COUNT, (path) => hnsw.write(path))
})

after(() => rmSync(root, { recursive: true }))

function placeIn(folder: string): CachePlace {
  return { folder, collection: 7, generation: 0, metric: 'euclidean' }
}

function graphFile(folder: string): string {
  return join(folder, readdirSync(folder).find((file) => file.endsWith('.hnsw'))!)
}

/** A copy of the sound files, changed, is refused, never reaches the library, and is gone. */
async function refused(
  damage: (folder: string) => void,
  what: string,
  reason: RegExp = /./,
): Promise<void> {
  const folder = mkdtempSync(join(root, 'damaged-'))
  cpSync(pristine, folder, { recursive: true })
  damage(folder)
  let read = false
  const loading = loadGraph(placeIn(folder), WANTED, noVisit, async () => {
    read = true
  })
  await assert.rejects(loading, (error: Error) => {
    assert.ok(error instanceof DamagedFile, `${what}: ${error.stack}`)
    assert.match(error.message, reason, what)
    return true
  })
  assert.equal(read, false, what)
  assert.deepEqual(readdirSync(folder), [], what)
  rmSync(folder, { recursive: true })
}

function noVisit(): void {}

function flip(file: (folder: string) => string, at: number, bit = 0) {
  return (folder: string) => {
    const bytes = readFileSync(file(folder))
    bytes[at]! ^= 1 << bit
    writeFileSync(file(folder), bytes)
  }
}

function cut(file: (folder: string) => string, length: number) {
  return (folder: string) => {
    writeFileSync(file(folder), readFileSync(file(folder)).subarray(0, length))
  }
}

function sidecarFile(folder: string): string {
  return join(folder, '7.json')
}

test('a graph that was saved is loaded with every version and mark, and every vector but those that ended', async () => {
  const seen = new Map<number, { deleted: boolean; vector: number[] }>()
  const visit = (label: number, deleted: boolean, vector: Float32Array) => {
    seen.set(label, { deleted, vector: [...vector] })
  }
  const hnsw = await loadGraph(placeIn(pristine), WANTED, visit, (path) =>
    Hnsw.read(path, DIMENSIONS),
  )
  assert.equal(seen.size, COUNT)
  for (const [i, vector] of vectors.entries()) {
    const deleted = i + 1 === 5
    const expected = deleted ? vector.map(() => 0) : vector
    assert.deepEqual(seen.get(i + 1), { deleted, vector: [...expected] })
  }
  const self = vectors.map((vector) => hnsw!.search(vector, 1, 64)[0])
  const found = self.filter((key, i) => key === i + 1).length
  assert.ok(found >= COUNT - 5, `${found} of ${COUNT} found themselves`)
  assert.notEqual(self[4], 5)
  assert.deepEqual(readdirSync(pristine).length, 2)
})

test('a flipped bit anywhere in the header is refused', async () => {
  for (let at = 0; at < HEADER_BYTES; at++) {
    await refused(flip(graphFile, at, at % 8), `byte ${at} of the header`)
  }
})

test('a flipped bit in every field of a node is refused: first, middle and last', async () => {
  for (const node of [0, COUNT >> 1, COUNT - 1]) {
    const start = HEADER_BYTES + node * NODE_BYTES
    const fields = {
      'number of links': start,
      'mark of deletion': start + 2,
      'unused byte': start + 3,
      'first link': start + 4,
      'last link': start + LINK_BYTES - 1,
      vector: start + LINK_BYTES + 5,
      'end of the vector': start + NODE_BYTES - 9,
      label: start + NODE_BYTES - 8,
      'end of the label': start + NODE_BYTES - 1,
    }
    for (const [name, at] of Object.entries(fields)) {
      await refused(flip(graphFile, at), `${name} of node ${node}`)
    }
  }
})

test('a flipped bit in the links of the upper levels is refused', async () => {
  const bytes = readFileSync(graphFile(pristine))
  let at = UPPER
  while (bytes.readUInt32LE(at) === 0) at += 4
  for (const [name, place] of Object.entries({
    'size of a node without any': UPPER,
    'size of a node with some': at,
    'number of links': at + 4,
    link: at + 8,
    'last byte': bytes.length - 1,
  })) {
    await refused(flip(graphFile, place), name)
  }
})

test('numbers that the library would follow out of its memory are found without the checksum', async () => {
  const shape = { ...WANTED, count: COUNT }
  const sound = readFileSync(graphFile(pristine))
  await inspectGraph(graphFile(pristine), shape)
  let upper = UPPER
  while (sound.readUInt32LE(upper) === 0) upper += 4
  const places: [string, number, number, RegExp][] = [
    ['entry', 52, COUNT, /^entry: expected below 400, got 400$/],
    ['versions', 16, COUNT + 1, /^versions/],
    ['links of a node', HEADER_BYTES, GRAPH_LINKS * 2 + 1, /^links of a node/],
    ['link', HEADER_BYTES + 4, COUNT, /^link: expected below 400, got 400$/],
    ['links of a node above', upper + 4, GRAPH_LINKS + 1, /^links of a node/],
    ['link above', upper + 8, COUNT, /^link: expected below 400, got 400$/],
    ['bytes of links above', upper, sound.readUInt32LE(upper) + 4, /^bytes of links/],
  ]
  for (const [name, at, value, reason] of places) {
    const bytes = Buffer.from(sound)
    bytes.writeUInt32LE(value, at)
    const path = join(root, 'numbers.hnsw')
    writeFileSync(path, bytes)
    await assert.rejects(inspectGraph(path, shape), (error: Error) => {
      assert.ok(error instanceof DamagedFile, name)
      assert.match(error.message, reason, name)
      return true
    })
  }
})

test('a graph that ends early, anywhere, is refused, and so is one that goes on', async () => {
  const { length } = readFileSync(graphFile(pristine))
  const ends = [0, 1, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 1, HEADER_BYTES + NODE_BYTES]
  for (const end of [...ends, UPPER - 1, UPPER, UPPER + 2, length - 4, length - 1]) {
    await refused(cut(graphFile, end), `cut to ${end} of ${length} bytes`)
  }
  const longer = (folder: string) => {
    writeFileSync(graphFile(folder), Buffer.alloc(8), { flag: 'a' })
  }
  await refused(longer, 'eight bytes more')
})

test('any flipped byte and any cut of the description is refused', async () => {
  const text = readFileSync(sidecarFile(pristine))
  const wanted = { ...WANTED, collection: 7, generation: 0, metric: 'euclidean' as const }
  assert.equal(readSidecar(text.toString(), wanted).count, COUNT)
  for (let at = 0; at < text.length; at++) {
    const flipped = Buffer.from(text)
    flipped[at]! ^= 1 << (at % 8)
    for (const damaged of [flipped, text.subarray(0, at)]) {
      assert.throws(() => readSidecar(damaged.toString(), wanted), DamagedFile, `byte ${at}`)
    }
  }
  await refused(flip(sidecarFile, 40), 'byte 40 of the description')
  await refused(cut(sidecarFile, 40), 'description cut to 40 bytes')
})

test('a description whose graph is missing is refused', async () => {
  await refused((folder) => rmSync(graphFile(folder)), 'no graph', /missing/)
})

test('a sound graph of another dimension, metric or collection is refused', async () => {
  const folder = mkdtempSync(join(root, 'other-'))
  const place = placeIn(folder)
  const other = [
    [place, { ...WANTED, dimensions: 13 }, /dimensions: expected 13, got 12/],
    [{ ...place, metric: 'cosine' as const }, WANTED, /metric: expected cosine, got euclidean/],
    [place, { ...WANTED, links: 32 }, /links: expected 32, got 16/],
    [place, { ...WANTED, efConstruction: 100 }, /efConstruction: expected 100, got 200/],
  ] as const
  for (const [at, wanted, reason] of other) {
    cpSync(pristine, folder, { recursive: true })
    const loading = loadGraph(at, wanted, noVisit, async () => assert.fail('was read'))
    await assert.rejects(loading, reason)
  }
  for (const subject of ['collection', 'generation']) {
    await refused((copy) => {
      const text = readFileSync(sidecarFile(copy), 'utf8')
      const other = text.replace(new RegExp(`"${subject}": \\d`), `"${subject}": 8`)
      assert.notEqual(other, text)
      writeFileSync(sidecarFile(copy), other)
    }, `another ${subject}`)
  }
})

test('after a start that ended while the library read the graph, it is not tried again', async () => {
  const mark = (folder: string) => writeFileSync(join(folder, '7.loading'), '')
  await refused(mark, 'marked', /the last start ended while the library read it/)
})

test('a graph that the library itself refuses is gone, and no mark of the loading stays', async () => {
  const folder = mkdtempSync(join(root, 'refused-'))
  cpSync(pristine, folder, { recursive: true })
  const loading = loadGraph(placeIn(folder), WANTED, noVisit, async () => {
    assert.ok(existsSync(join(folder, '7.loading')), 'the mark is there while the library reads')
    throw new Error('the library refuses it')
  })
  await assert.rejects(loading, /the library refuses it/)
  assert.deepEqual(readdirSync(folder), [])
})

test('a graph that was not written whole is never put in the place of a sound one', async () => {
  const folder = mkdtempSync(join(root, 'whole-'))
  cpSync(pristine, folder, { recursive: true })
  const before = readdirSync(folder)
  const bytes = readFileSync(graphFile(folder))
  const shape = { ...WANTED, count: COUNT }
  const writers = {
    nothing: async () => undefined,
    'an empty file': async (path: string) => writeFileSync(path, ''),
    half: async (path: string) => writeFileSync(path, bytes.subarray(0, bytes.length >> 1)),
    'all but a byte': async (path: string) => writeFileSync(path, bytes.subarray(0, -1)),
  }
  for (const [name, write] of Object.entries(writers)) {
    await assert.rejects(saveGraph(placeIn(folder), shape, COUNT, write), Error, name)
    assert.deepEqual(readdirSync(folder), before, name)
  }
})

test('files of collections and generations that are gone are removed, and no others', async () => {
  const folder = mkdtempSync(join(root, 'orphans-'))
  const kept = ['7.json', '7-00ff.hnsw', '12.3.loading', '12.3-00ff.hnsw', 'notes.txt', '8.txt']
  const gone = [
    '7.1.json',
    '12.json',
    '8.json',
    '8-0a.hnsw',
    '70.hnsw.new',
    '9.json.new',
    '9.loading',
  ]
  for (const file of [...kept, ...gone]) writeFileSync(join(folder, file), '')
  await keepActive(folder, [
    { collection: 7, generation: 0 },
    { collection: 12, generation: 3 },
  ])
  assert.deepEqual(new Set(readdirSync(folder)), new Set(kept))
  await keepActive(join(folder, 'missing'), [])
})
