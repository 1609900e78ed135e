// The demo, `npm run demo`: indexes examples/emoji into a data folder of its own, starts the service on
// it, prints what to try, and runs until Ctrl-C. With `--once` it ends after printing. `--data FOLDER`
// and `--port PORT` choose another place.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const START_TIMEOUT_MS = 60_000
const POLL_MS = 50
const CAT = 'animal-mammal/cat.google.png'

// Compiled, this file lies in dist/examples.
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = relative(process.cwd(), join(root, 'examples/emoji'))
const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    data: { type: 'string', default: join(root, 'index-data/demo') },
    port: { type: 'string', default: '0' },
  },
})

function lookalike(args: readonly string[]): ChildProcess {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('LOOKALIKE_'))
  return spawn(process.execPath, [join(root, 'dist/src/cli/lookalike.js'), ...args], {
    env: { LOOKALIKE_MODELS: join(root, 'models'), ...Object.fromEntries(environment) },
    // The log of the service is not shown: it would bury the results of the commands.
    stdio: ['ignore', args[0] === 'serve' ? 'ignore' : 'inherit', 'inherit'],
  })
}

async function run(args: readonly string[]): Promise<void> {
  const [status] = (await once(lookalike(args), 'exit')) as [number | null]
  if (status !== 0) throw new Error(`\`lookalike ${args[0]}\` ended with status ${status}`)
}

/** Waits for the file that the service writes once it listens, and returns the address in it. */
async function addressOf(service: ChildProcess): Promise<string> {
  const until = performance.now() + START_TIMEOUT_MS
  while (performance.now() < until && service.exitCode === null && service.signalCode === null) {
    const written = readService()
    // A service that was killed has left its file, which names another process.
    if (written?.pid === service.pid && written?.url !== undefined) return written.url
    await wait(POLL_MS)
  }
  if (service.exitCode !== null) throw new Error('the service ended; it says why above')
  throw new Error(`the service did not start within ${START_TIMEOUT_MS / 1000} seconds`)
}

function readService(): { pid?: number; url?: string } | null {
  try {
    return JSON.parse(readFileSync(join(values.data, 'service.json'), 'utf8'))
  } catch {
    return null
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

print('Indexing examples/emoji: 352 emoji in two drawings')
await run([
  ...['index', folder, '--collection', 'emoji', '--keep', 'thumbnail'],
  ...['--metadata', join(folder, 'metadata.csv'), '--data', values.data],
])
const service = lookalike(['serve', '--port', values.port, '--data', values.data])
const ended = once(service, 'exit')
// Ctrl-C reaches the service too. This process ends when the service has ended.
process.on('SIGINT', () => service.kill('SIGINT'))
process.on('SIGTERM', () => service.kill('SIGTERM'))
try {
  const url = await addressOf(service)
  const cat = join(folder, CAT)
  const other = `'{ "drawing": "twitter" }'`
  print(`\nThe service is up: ${url} (its API: ${url}/docs)

By picture, any you have:
  curl -s -F 'request={ "k": 5 }' -F image=@${cat} ${url}/v1/collections/emoji/search
By the id of a stored one:
  curl -s -H 'content-type: application/json' -d '{ "query": { "id": "${CAT}" }, "k": 5 }' ${url}/v1/collections/emoji/search
On the command line, the same emoji in the other drawing:
  npx lookalike search ${cat} --collection emoji -k 5 --filter ${other} --url ${url}

The last one answers:
`)
  await run([
    ...['search', cat, '--collection', 'emoji', '-k', '5'],
    ...['--filter', '{ "drawing": "twitter" }', '--url', url],
  ])
  if (!values.once) {
    print('\nCtrl-C ends it.')
    await ended
  }
} finally {
  service.kill('SIGTERM')
  await ended
}
