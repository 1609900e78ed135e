// Measures leave-one-out retrieval on folders of labelled images (class = first folder) for every shipped model, through the
// service as a user runs it: `lookalike index`, then one search by id for every image. A model whose first numbers are an
// embedding too is measured on these as well, as a collection of shortened vectors.
// usage: node dist/bench/retrieval.js FOLDER [FOLDER…]
import { load } from './support/load.ts'
import { circumstances, writeReport } from './support/report.ts'
import { lookalike, RunningService } from './support/running-service.ts'

interface Page {
  readonly records: readonly { readonly id: string; readonly vector: readonly number[] }[]
  readonly cursor: string | null
}

interface Models {
  readonly data: readonly { id: string; dimensions: number; min_dimensions: number }[]
}

const POINTS_A_CALL = 500

const folders = process.argv.slice(2)
if (folders.length === 0) throw new Error('usage: node dist/bench/retrieval.js FOLDER [FOLDER…]')
const nameOf = (folder: string) => folder.replace(/.*\//, '')

const service = await RunningService.start()
try {
  const { data: models } = await service.json<Models>('GET', '/v1/models')
  const rows: (string | number)[][] = []
  for (const folder of folders) {
    for (const { id: model, dimensions, min_dimensions: fewest } of models) {
      const name = `${nameOf(folder)}-${model}`
      const path = `/v1/collections/${name}`
      await service.json('PUT', path, { model })
      await lookalike('index', folder, '--collection', name, '--url', service.url, '--json')
      const records = await allRecords(path)
      const classes = new Set(records.map(({ id }) => labelOf(id))).size
      const row = async (numbers: number, path: string) => {
        const { recallAt1, mapAtR } = await measure(
          path,
          records.map(({ id }) => id),
        )
        const measures = [recallAt1, mapAtR].map((value) => value.toFixed(4))
        rows.push([nameOf(folder), records.length, classes, model, numbers, ...measures])
        process.stderr.write(`${rows.at(-1)!.join(' ')}\n`)
      }
      await row(dimensions, path)
      for (let count = dimensions >> 1; count >= fewest; count >>= 1) {
        const numbers = 2 ** Math.floor(Math.log2(count))
        await row(numbers, await shortened(path, records, numbers))
        count = numbers
      }
    }
  }
  writeReport(
    'retrieval',
    circumstances(folders.map(nameOf).join(', '), 'cosine, exact, query left out'),
    [
      {
        title: 'Retrieval, no training',
        columns: ['data', 'images', 'classes', 'model', 'numbers', 'Recall@1', 'MAP@R'],
        rows,
      },
    ],
  )
} finally {
  await service.close()
}

async function allRecords(path: string): Promise<Page['records']> {
  const records: Page['records'][number][] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`
    const page: Page = await service.json('GET', `${path}/images?limit=500&include=vector${query}`)
    records.push(...page.records)
    cursor = page.cursor
  } while (cursor !== null)
  return records
}

/** Makes a collection of the first `dimensions` numbers of the vectors. @returns its path. */
async function shortened(path: string, records: Page['records'], dimensions: number) {
  const short = `${path}-${dimensions}`
  await service.json('PUT', short, { dimensions })
  for (let i = 0; i < records.length; i += POINTS_A_CALL) {
    const points = records
      .slice(i, i + POINTS_A_CALL)
      .map(({ id, vector }) => ({ id, vector: vector.slice(0, dimensions) }))
    await service.json('POST', `${short}/vectors`, { points })
  }
  return short
}

/** Computes means over the images whose class has another; see src/evaluation/rank-measures.ts. */
async function measure(path: string, ids: readonly string[]) {
  const sizes = new Map<string, number>()
  for (const id of ids) sizes.set(labelOf(id), (sizes.get(labelOf(id)) ?? 0) + 1)
  const queries = ids.filter((id) => sizes.get(labelOf(id))! > 1)
  let recall = 0
  let mapAtR = 0
  await load(queries.length, 4, async (i) => {
    const id = queries[i]!
    const r = sizes.get(labelOf(id))! - 1
    const { matches } = await service.json<{ matches: { id: string }[] }>(
      'POST',
      `${path}/search`,
      { query: { id }, k: r, accuracy: 'exact' },
    )
    const isRight = matches.map((match) => labelOf(match.id) === labelOf(id))
    if (isRight[0]) recall++
    let right = 0
    for (const [rank, is] of isRight.entries()) if (is) mapAtR += ++right / (rank + 1) / r
  })
  return { recallAt1: recall / queries.length, mapAtR: mapAtR / queries.length }
}

function labelOf(id: string): string {
  return id.split('/')[0]!
}
