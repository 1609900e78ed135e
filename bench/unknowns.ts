// Hides the labels of half of the classes of a folder, calibrates by the other half, and compares the clusters of the hidden
// half with their labels: as the service finds them, and by other linkages and by Chinese whispers, each with the radius that
// is best for it on the half with labels.
// usage: node dist/bench/unknowns.js FOLDER MODELS MODEL [NAME]: pictures named as in Market-1501, or in a folder for each class
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterMeasures } from '../src/evaluation/cluster-measures.ts'
import { mapBounded } from '../src/scheduling/map-bounded.ts'
import { distanceMatrix } from '../src/vector/distance-matrix.ts'
import { type Linkage, linkedClusters } from '../src/vector/linkage.ts'
import { drawIndices, seededRandom } from '../src/vector/random.ts'
import { packRows } from '../src/vector/row-matrix.ts'
import { circumstances, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const [folder = '', models = '', model = '', name = 'unknowns'] = process.argv.slice(2)
if (!existsSync(folder) || !existsSync(join(models, model))) {
  console.log(`skipped: no pictures in ${folder || 'FOLDER'}, or no model in ${models || 'MODELS'}`)
  process.exit()
}

const SEEDS = [1, 2, 3]
const METHODS = ['complete', 'average', 'single', 'whispers'] as const
type Method = (typeof METHODS)[number]

interface Picture {
  readonly file: string
  readonly who: string
  readonly vector: number[]
}

const service = await RunningService.start(undefined, ['--models', models, '--model', model])

async function embedded() {
  const path = '/v1/collections/all'
  const { dimensions } = await service.json<{ dimensions: number }>('PUT', path, {})
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const images = files.filter((file) => /\.jpe?g$/.test(file))
  const pictures = await mapBounded(images, 8, async (file): Promise<Picture> => {
    const who = /^(-?\d+)_c\d/.exec(file)?.[1] ?? file.split('/')[0]!
    const url = `${path}/images/${encodeURIComponent(file)}`
    const headers = { 'content-type': 'image/jpeg' }
    const body = readFileSync(join(folder, file))
    const { ok } = await fetch(service.url + url, { method: 'PUT', headers, body })
    if (!ok) throw new Error(`${file} was refused`)
    const { vector } = await service.json<{ vector: number[] }>('GET', `${url}?include=vector`)
    return { file, who, vector }
  })
  return { pictures, dimensions }
}

/** Each takes the label of most of its neighbours, weighed by 1 - distance, until nothing changes (Biemann 2006). */
function whispers(distances: Float64Array, count: number, radius: number): Int32Array {
  const labels = Int32Array.from({ length: count }, (_, i) => i)
  const random = seededRandom(1)
  for (let round = 0; round < 20; round++) {
    for (const one of drawIndices(count, count, random)) {
      const weights = new Map<number, number>()
      for (let other = 0; other < count; other++) {
        const far = distances[one * count + other]!
        if (other === one || far > radius) continue
        const label = labels[other]!
        weights.set(label, (weights.get(label) ?? 0) + 1 - far)
      }
      for (const [label, weight] of weights) {
        if (weight > (weights.get(labels[one]!) ?? 0)) labels[one] = label
      }
    }
  }
  return labels
}

function clusters(method: Method, distances: Float64Array, count: number, radius: number) {
  if (method === 'whispers') return whispers(distances, count, radius)
  const found = new Int32Array(count)
  const linkage: Linkage = method
  linkedClusters(distances.slice(), count, { linkage, radius }).forEach((own, number) => {
    for (const row of own) found[row] = number
  })
  return found
}

function numbered(pictures: readonly Picture[]): Int32Array {
  const classes = [...new Set(pictures.map(({ who }) => who))]
  return Int32Array.from(pictures, ({ who }) => classes.indexOf(who))
}

function measured(found: Int32Array, labels: Int32Array): number[] {
  const { pairwise, bcubed } = clusterMeasures(found, labels)
  return [
    ...[pairwise.precision, pairwise.recall, pairwise.f],
    ...[bcubed.precision, bcubed.recall, bcubed.f],
    new Set(found).size,
  ]
}

try {
  const { pictures, dimensions } = await embedded()
  const people = [...new Set(pictures.map(({ who }) => who))]
  const matrix = (some: readonly Picture[]) => {
    const vectors = some.map(({ vector }) => Float32Array.from(vector))
    return distanceMatrix(packRows(vectors, dimensions), 'cosine')
  }
  const rows: (string | number)[][] = []
  const halves = SEEDS.map((seed) => {
    const drawn = drawIndices(people.length, people.length >> 1, seededRandom(seed))
    const half = new Set(drawn.map((i) => people[i]!))
    const named = pictures.filter(({ who }) => half.has(who))
    const hidden = pictures.filter(({ who }) => !half.has(who))
    return { seed, half, named, hidden }
  })
  // The service first: its connections do not wait while the rest is computed here.
  for (const { seed, half, hidden } of halves) {
    const path = `/v1/collections/half-${seed}`
    await service.json('PUT', path, { dimensions, metric: 'cosine', identityField: 'who' })
    const points = pictures.map(({ file: id, who, vector }) => {
      return { id, vector, metadata: half.has(who) ? { who } : {} }
    })
    for (let from = 0; from < points.length; from += 500) {
      await service.json('POST', `${path}/vectors`, { points: points.slice(from, from + 500) })
    }
    let job = await service.json<{ id: string; finishedAt: string | null }>(
      'POST',
      `${path}/calibrate`,
      {},
    )
    while (job.finishedAt === null) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      job = await service.json('GET', `/v1/jobs/${job.id}`)
    }
    const answer = await service.json<{
      radius: number
      clusters: { ids: string[]; complete: boolean }[]
      cursor: string | null
    }>('POST', `${path}/identities/unknowns`, { minRecords: 1, limit: 1000 })
    if (answer.cursor !== null) throw new Error('expected all clusters in one answer')
    const number = new Map(answer.clusters.flatMap(({ ids }, i) => ids.map((id) => [id, i])))
    const found = Int32Array.from(hidden, ({ file }) => number.get(file)!)
    rows.push(['the service', seed, answer.radius, ...measured(found, numbered(hidden))])
  }
  for (const { seed, named, hidden } of halves) {
    const [ofNamed, ofHidden] = [matrix(named), matrix(hidden)]
    const [labels, hiddenLabels] = [numbered(named), numbered(hidden)]
    for (const method of METHODS) {
      let best = { f: -1, radius: 0 }
      for (let radius = 0.01; radius < 0.8; radius += 0.01) {
        const found = clusters(method, ofNamed, named.length, radius)
        const { f } = clusterMeasures(found, labels).pairwise
        if (f > best.f) best = { f, radius }
      }
      const { radius } = best
      const found = clusters(method, ofHidden, hidden.length, radius)
      rows.push([method, seed, radius, ...measured(found, hiddenLabels)])
    }
  }
  const columns = ['', 'seed', 'radius', 'pairwise precision', 'recall', 'F']
  columns.push('BCubed precision', 'recall', 'F', 'clusters')
  const data = `${pictures.length} pictures of ${people.length} classes; half of the classes hidden, drawn by seed`
  writeReport(name, circumstances(data, `model ${model}; each radius by the half with labels`), [
    { title: 'Clusters of records without identity', columns, rows },
  ])
} finally {
  await service.close()
}
