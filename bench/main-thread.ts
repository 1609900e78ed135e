// Measures how many uploads a second the main thread of the service could carry, whatever the number of cores: its processor time an
// upload, beside that of all other threads. The model does next to nothing, so that no session holds up the rest.
// usage: node dist/bench/main-thread.js [FOLDER]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { tinyDescription, tinyModel, writeBundle } from '../test/support/tiny-model.ts'
import { HttpLoad } from './support/http-load.ts'
import { photographs } from './support/photographs.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const ROUNDS = 7
const MS_A_TURN = 2000
const CALLERS = 32
const TICKS_A_SECOND = 100

const folder = process.argv[2]
const large = await photographs(folder, 32)
const small = await Promise.all(large.map((file) => sharp(file).resize(64, 64).png().toBuffer()))
const models = mkdtempSync(join(tmpdir(), 'lookalike-bench-models-'))
const size = 224
const input = { ...tinyDescription.input, width: size, height: size, mean: [0, 0, 0] }
await writeBundle(models, tinyModel({ size }), { ...tinyDescription, input })
const service = await RunningService.start(undefined, [
  ...['--models', models, '--model', tinyDescription.name],
])
const client = new HttpLoad(service.url)

/** Milliseconds of processor time of each thread of the service. */
function threadMs(): Map<string, number> {
  const tasks = `/proc/${service.pid}/task`
  return new Map(
    readdirSync(tasks).map((id) => {
      const fields = readFileSync(join(tasks, id, 'stat'), 'utf8')
        .split(') ')[1]!
        .split(' ')
      return [id, ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND]
    }),
  )
}

async function put(files: readonly Uint8Array[], type: string, i: number): Promise<void> {
  const path = `/v1/collections/bench/images/${i % 500}`
  const { status, body } = await client.send('PUT', path, type, files[i % files.length]!)
  if (status >= 300) throw new Error(`${path}: ${status} ${body}`)
}

interface Turn {
  readonly mainMs: number
  readonly allMs: number
  readonly perSecond: number
}

async function turn(files: readonly Uint8Array[], type: string): Promise<Turn> {
  const before = threadMs()
  const started = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (performance.now() - started < MS_A_TURN) await put(files, type, done++)
    }),
  )
  const grown = [...threadMs()].map(([id, ms]) => [id, ms - (before.get(id) ?? 0)] as const)
  const all = grown.reduce((sum, [, ms]) => sum + ms, 0)
  const main = grown.find(([id]) => id === String(service.pid))![1]
  const seconds = (performance.now() - started) / 1000
  return { mainMs: main / done, allMs: all / done, perSecond: done / seconds }
}

try {
  await service.json('PUT', '/v1/collections/bench', {})
  const kinds = {
    'JPEG of 640 x 480': [large, 'image/jpeg'],
    'PNG of 64 x 64': [small, 'image/png'],
  } as const
  const rows: (string | number)[][] = []
  for (const [name, [files, type]] of Object.entries(kinds)) {
    await turn(files, type)
    const turns: Turn[] = []
    for (let round = 0; round < ROUNDS; round++) turns.push(await turn(files, type))
    const median = (of: (one: Turn) => number) => quantile(turns.map(of), 0.5)
    const mainMs = median((one) => one.mainMs)
    rows.push([
      name,
      mainMs,
      median((one) => one.allMs - one.mainMs),
      1000 / mainMs,
      median((one) => one.perSecond),
    ])
  }
  writeReport(
    'main-thread',
    circumstances(
      `32 JPEG files of 640 x 480, ${folder === undefined ? 'drawn' : `of ${folder.replace(/.*\//, '')}`}, and as PNG of 64 x 64`,
      `a model that takes the mean of each channel, ${CALLERS} callers of PUT, medians of ${ROUNDS} turns of ${MS_A_TURN / 1000} s, load generator on the same machine`,
    ),
    [
      {
        title: 'An upload',
        columns: [
          ...['picture', 'CPU ms on the main thread', 'CPU ms on all other threads'],
          ...['uploads/s that a main thread of its own carries', 'uploads/s here'],
        ],
        rows,
      },
    ],
  )
} finally {
  client.close()
  await service.close()
  rmSync(models, { recursive: true })
}
