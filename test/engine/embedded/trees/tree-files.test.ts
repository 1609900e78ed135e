import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cacheName, keepActive } from '../../../../src/engine/embedded/cache-files/cache-place.ts'
import {
  type FiledVector,
  loadTree,
  saveTree,
  type TreePlace,
} from '../../../../src/engine/embedded/trees/tree-file.ts'
import { DamagedFile } from '../../../../src/files/durable-files.ts'
import type { StructureSnapshot } from '../../../../src/index/metric/structure-snapshot.ts'
import { VpTree } from '../../../../src/index/metric/vp-tree.ts'
import { euclidean } from '../../../../src/vector/metric/minkowski.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { gaussianVectors } from '../../../support/random-vectors.ts'

const SEED = 9
const DIMENSIONS = 5
const COUNT = 60
const SUBJECT = {
  collection: 7,
  generation: 0,
  metric: 'euclidean',
  tree: 'vp-tree',
  dimensions: DIMENSIONS,
} as const
const FILE = '7.vp-tree'
/** Where things are in a file. */
const HEADER_BYTES = 1024
const RECORD_BYTES = 12 + 4 * DIMENSIONS
const NUMBERS = HEADER_BYTES + COUNT * RECORD_BYTES

const vectors: FiledVector[] = gaussianVectors(seededRandom(SEED), COUNT, DIMENSIONS).map(
  (vector, id) => ({ key: 1e9 + 3 * id, id, vector }),
)
let root: string
let pristine: string
let snapshot: StructureSnapshot

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'lookalike-trees-'))
  pristine = join(root, 'pristine', 'trees')
  const tree = new VpTree<Float32Array>({ metric: euclidean, random: seededRandom(SEED) })
  tree.bulkLoad(vectors.map(({ id, vector }) => [id, vector]))
  snapshot = tree.serialise()
  await saveTree(treeIn(pristine), snapshot, vectors)
})

after(() => rmSync(root, { recursive: true }))

function treeIn(folder: string, changes: Partial<TreePlace> = {}): TreePlace {
  return { ...SUBJECT, folder, ...changes }
}

function copyOfPristine(): string {
  const folder = mkdtempSync(join(root, 'copy-'))
  cpSync(pristine, folder, { recursive: true })
  return folder
}

function noVisit(): void {}

function noChange<T>(found: T): T {
  return found
}

/** A copy of the sound file, changed, is refused before anything is made of it, and is gone. */
async function refused(
  what: string,
  change: (bytes: Buffer) => Buffer,
  wanted: Partial<TreePlace> = {},
  reason = /./,
): Promise<void> {
  const folder = copyOfPristine()
  const path = join(folder, FILE)
  writeFileSync(path, change(readFileSync(path)))
  const { collection = 7, generation = 0, tree = 'vp-tree' } = wanted
  renameSync(path, join(folder, `${cacheName({ collection, generation })}.${tree}`))
  let restored = false
  const loading = loadTree(treeIn(folder, wanted), noVisit, () => {
    restored = true
  })
  await assert.rejects(loading, (error: Error) => {
    assert.ok(error instanceof DamagedFile, `${what}: ${error.stack}`)
    assert.match(error.message, reason, what)
    return true
  })
  assert.equal(restored, false, what)
  assert.deepEqual(readdirSync(folder), [], what)
}

function flipped(at: number) {
  return (bytes: Buffer) => {
    bytes[at]! ^= 1 << (at % 8)
    return bytes
  }
}

test('a tree that was saved is loaded with every version, id, vector and number', async () => {
  const seen: FiledVector[] = []
  const loaded = await loadTree(treeIn(pristine), (found) => seen.push(found), noChange)
  assert.deepEqual(seen, vectors)
  assert.deepEqual(loaded, snapshot)
  assert.deepEqual(readdirSync(pristine), [FILE])
})

test('a tree of no vectors is kept too', async () => {
  const folder = mkdtempSync(join(root, 'none-'))
  const empty = new VpTree<Float32Array>({ metric: euclidean, random: seededRandom(SEED) })
  await saveTree(treeIn(folder), empty.serialise(), [])
  assert.deepEqual(await loadTree(treeIn(folder), () => assert.fail(), noChange), empty.serialise())
})

test('a file of more than is written in one go is loaded whole', async () => {
  const folder = mkdtempSync(join(root, 'large-'))
  const dimensions = 30_000
  const long = gaussianVectors(seededRandom(SEED), 20, dimensions).map((vector, id) => {
    return { key: id + 7, id, vector }
  })
  const numbers = Float64Array.from({ length: 200_000 }, (_, i) => i / 3)
  await saveTree(treeIn(folder, { dimensions }), { ...snapshot, numbers }, long)
  const seen: FiledVector[] = []
  const place = treeIn(folder, { dimensions })
  const loaded = await loadTree(place, (found) => seen.push(found), noChange)
  assert.deepEqual(loaded, { ...snapshot, numbers })
  assert.deepEqual(seen, long)
})

test('where there is no file, or no folder, there is no tree', async () => {
  for (const folder of [mkdtempSync(join(root, 'empty-')), join(root, 'missing')]) {
    assert.equal(await loadTree(treeIn(folder), noVisit, () => assert.fail()), null)
  }
})

test('a flipped bit in any byte is refused', async () => {
  const { length } = readFileSync(join(pristine, FILE))
  const described = 700
  for (let at = 0; at < described; at += 3) await refused(`byte ${at} of the header`, flipped(at))
  for (let at = described; at < HEADER_BYTES; at += 40) {
    await refused(`byte ${at} behind the description`, flipped(at))
  }
  for (const record of [0, COUNT >> 1, COUNT - 1]) {
    const start = HEADER_BYTES + record * RECORD_BYTES
    for (const at of [0, 7, 8, 11, 12, RECORD_BYTES - 1]) {
      await refused(`byte ${at} of record ${record}`, flipped(start + at))
    }
  }
  for (const at of [NUMBERS, NUMBERS + 8, (NUMBERS + length) >> 1, length - 8, length - 1]) {
    await refused(`byte ${at} of ${length}, a number of the snapshot`, flipped(at))
  }
})

test('a file that ends early, anywhere, is refused, and so is one that goes on', async () => {
  const { length } = readFileSync(join(pristine, FILE))
  const ends = [0, 1, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 1, NUMBERS - 1, NUMBERS]
  for (const end of [...ends, length - 8, length - 1]) {
    await refused(`cut to ${end} of ${length} bytes`, (bytes) => bytes.subarray(0, end))
  }
  await refused('eight bytes more', (bytes) => Buffer.concat([bytes, Buffer.alloc(8)]))
})

test('a sound file of another collection, generation, dimension, metric or tree is refused', async () => {
  const same = (bytes: Buffer) => bytes
  await refused('collection', same, { collection: 8 }, /collection: expected 8, got 7/)
  await refused('generation', same, { generation: 1 }, /generation: expected 1, got 0/)
  await refused('dimension', same, { dimensions: 6 }, /dimensions: expected 6, got 5/)
  await refused('metric', same, { metric: 'cosine' }, /metric: expected cosine, got euclidean/)
  await refused('tree', same, { tree: 'm-tree' }, /tree: expected m-tree, got vp-tree/)
})

test('a file whose snapshot the tree refuses is gone', async () => {
  const folder = copyOfPristine()
  const loading = loadTree(treeIn(folder), noVisit, () => {
    throw new Error('the tree refuses it')
  })
  await assert.rejects(loading, /the tree refuses it/)
  assert.deepEqual(readdirSync(folder), [])
})

test('a file that cannot be written to its end leaves the older one in its place', async () => {
  const folder = copyOfPristine()
  const sound = readFileSync(join(folder, FILE))
  function* failing(): Generator<FiledVector> {
    yield* vectors
    throw new Error('no more')
  }
  await assert.rejects(saveTree(treeIn(folder), snapshot, failing()), /no more/)
  assert.deepEqual(readdirSync(folder), [FILE])
  assert.deepEqual(readFileSync(join(folder, FILE)), sound)
})

test('what a start left unfinished is gone once the next one looks for a tree', async () => {
  const folder = copyOfPristine()
  writeFileSync(join(folder, `${FILE}.new`), 'half')
  await loadTree(treeIn(folder), noVisit, noVisit)
  assert.deepEqual(readdirSync(folder), [FILE])
})

test('files of collections and generations that are gone are removed, and no others', async () => {
  const folder = join(root, 'orphans')
  mkdirSync(folder)
  const kept = ['7.vp-tree', '12.3.m-tree', '12.3.m-tree.new', '8.txt', 'notes', '8.b-tree']
  const gone = ['7.1.vp-tree', '12.m-tree', '8.vp-tree', '8.m-tree', '70.vp-tree.new']
  for (const file of [...kept, ...gone]) writeFileSync(join(folder, file), '')
  await keepActive(folder, [
    { collection: 7, generation: 0 },
    { collection: 12, generation: 3 },
  ])
  assert.deepEqual(new Set(readdirSync(folder)), new Set(kept))
  await keepActive(join(folder, 'missing'), [])
  assert.ok(!existsSync(join(folder, 'missing')))
})
