// Measures leave-one-out retrieval on a folder of labelled images (class = first folder), through the service as a
// user runs it: `lookalike index`, then one search by id for every image.
// usage: node dist/bench/retrieval.js FOLDER
import { load } from './support/load.ts'
import { circumstances, writeReport } from './support/report.ts'
import { lookalike, RunningService } from './support/running-service.ts'

interface Page {
  readonly records: readonly { readonly id: string }[]
  readonly cursor: string | null
}

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: node dist/bench/retrieval.js FOLDER')

const service = await RunningService.start()
try {
  const index = JSON.parse(
    await lookalike('index', folder, '--collection', 'bench', '--url', service.url, '--json'),
  ) as { added: number; seconds: number }
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`
    const page: Page = await service.json('GET', `/v1/collections/bench/images?limit=1000${query}`)
    ids.push(...page.records.map((record) => record.id))
    cursor = page.cursor
  } while (cursor !== null)
  let hits = 0
  await load(ids.length, 4, async (i) => {
    const id = ids[i]!
    const answer = await service.json<{ matches: { id: string }[] }>(
      'POST',
      '/v1/collections/bench/search',
      { query: { id }, k: 1 },
    )
    if (labelOf(answer.matches[0]!.id) === labelOf(id)) hits++
  })
  writeReport(
    'retrieval',
    circumstances(folder.replace(/.*\//, ''), 'default model, cosine, exact, query left out'),
    [
      {
        title: 'Retrieval, no training',
        columns: ['images', 'classes', 'Recall@1', 'indexed, images/s'],
        rows: [
          [
            ids.length,
            new Set(ids.map(labelOf)).size,
            (hits / ids.length).toFixed(4),
            index.added / index.seconds,
          ],
        ],
      },
    ],
  )
} finally {
  await service.close()
}

function labelOf(id: string): string {
  return id.split('/')[0]!
}
