// Calibrates a collection by half of the people of a folder with the names of Market-1501, and asks who the other half is,
// whom it has never seen: how often are they taken for somebody, and does the interval of the threshold hold that?
// usage: node dist/bench/strangers.js FOLDER MODELS MODEL
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawIndices, seededRandom } from '../src/vector/random.ts'
import { circumstances, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const [folder = '', models = '', model = ''] = process.argv.slice(2)
if (!existsSync(folder) || !existsSync(join(models, model))) {
  console.log(`skipped: no pictures in ${folder || 'FOLDER'}, or no model in ${models || 'MODELS'}`)
  process.exit()
}

interface Row {
  readonly rate: number
  readonly threshold: number | null
  readonly thresholdInterval: readonly number[] | null
  readonly missed: number
}

const NAME = /^(?<who>-?\d+)_c(?<camera>\d)/
const pictures = readdirSync(folder)
  .sort()
  .flatMap((file) => {
    const found = NAME.exec(file)?.groups
    return found === undefined ? [] : [{ file, who: found.who!, camera: `c${found.camera}` }]
  })
const people = [...new Set(pictures.map(({ who }) => who))]
const half = new Set(
  drawIndices(people.length, people.length >> 1, seededRandom(1)).map((i) => people[i]!),
)
const service = await RunningService.start(undefined, ['--models', models, '--model', model])
const path = `${service.url}/v1/collections/half`

// biome-ignore lint/suspicious/noExplicitAny: answers of a service that its own tests hold to its document
async function send(method: string, url: string, body?: object | Uint8Array): Promise<any> {
  const raw = body instanceof Uint8Array
  const type = raw ? 'image/jpeg' : 'application/json'
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': type }
  const sent = raw ? new Uint8Array(body) : JSON.stringify(body)
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: sent }) })
  const answer = (await response.json()) as object
  if (!response.ok) throw new Error(`${method} ${url}: ${JSON.stringify(answer)}`)
  return answer
}

try {
  await send('PUT', path, { identityField: 'who', cameraField: 'camera' })
  for (const { file, ...metadata } of pictures.filter(({ who }) => half.has(who))) {
    const url = `${path}/images/${file}?metadata=${encodeURIComponent(JSON.stringify(metadata))}`
    await send('PUT', url, readFileSync(join(folder, file)))
  }
  let job = await send('POST', `${path}/calibrate`, {})
  while (job.finishedAt === null) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    job = await send('GET', `${service.url}/v1/jobs/${job.id}`)
  }
  const { distances } = await send('GET', `${path}/calibration`)
  const strangers = pictures.filter(({ who }) => !half.has(who))
  const rows: (string | number)[][] = []
  for (const distance of ['nearest', 'template', 'hausdorff']) {
    const found: number[] = []
    for (const { file } of strangers) {
      const image = { data: readFileSync(join(folder, file)).toString('base64') }
      const { candidates } = await send('POST', `${path}/identify`, { query: { image }, distance })
      found.push(candidates[0].distance)
    }
    const share = (most: number) => found.filter((one) => one <= most).length / found.length
    for (const row of distances[distance].accepts as Row[]) {
      const { rate, threshold, thresholdInterval, missed } = row
      if (threshold === null || thresholdInterval === null) continue
      const [low, high] = thresholdInterval.map(share)
      rows.push([distance, rate, threshold, missed, share(threshold), low!, high!])
    }
  }
  const columns = [
    '',
    'wanted',
    'threshold',
    'missed',
    'accepted',
    'at its low end',
    'at its high end',
  ]
  const data = `${pictures.length} pictures of ${people.length} people; half of them stored, drawn with seed 1`
  const title = `${strangers.length} pictures of people who are not stored, taken for somebody`
  writeReport('strangers', circumstances(data, `model ${model}, one picture a query`), [
    { title, columns, rows },
  ])
} finally {
  await service.close()
}
