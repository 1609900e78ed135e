import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startCommand } from './command-line.ts'

export interface Served {
  readonly url: string
  /** What it has logged. */
  log(): string
  /** Ends it as Ctrl-C does; resolves to the exit status. */
  stop(): Promise<number | null>
}

/** `lookalike serve` on a free port, ended after the test. */
export async function serveDataFolder(
  t: TestContext,
  dataFolder: string,
  environment: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Served> {
  const args = ['serve', '--port', '0', '--data', dataFolder, ...flags]
  const child = startCommand(args, environment)
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    return (await child.finished).status
  }
  t.after(stop)
  let log = ''
  const listening = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: string) => {
        log += text
        if (log.includes('"msg":"listening"')) resolve()
      })
    }
  })
  const ended = child.finished.then(({ status }) => {
    throw new Error(`the service ended with status ${status}: ${log}`)
  })
  await Promise.race([listening, ended])
  ended.catch(() => {})
  const { url } = JSON.parse(readFileSync(join(dataFolder, 'service.json'), 'utf8'))
  return { url, log: () => log, stop }
}
