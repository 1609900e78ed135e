import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { promisify } from 'node:util'
import { startServer, type TestServer } from './http.ts'
import { openService, type TestService } from './service.ts'
import { zipFile } from './zip-file.ts'

export interface ServedForClients {
  readonly url: string
  /** A new folder, gone after the last test. */
  readonly folder: string
  /** A zip file of two pictures. */
  readonly archive: string
}

/** The real service as the programs of examples/clients need it, from before the first test of a file until after its last. */
export function serveForClients(): ServedForClients {
  const served = { url: '', folder: '', archive: '' }
  let service: TestService
  let server: TestServer
  before(async () => {
    served.folder = mkdtempSync(join(tmpdir(), 'lookalike-clients-'))
    served.archive = join(served.folder, 'two.zip')
    const entries = ['cat', 'dog'].map((name) => {
      return { name: `${name}.png`, bytes: readFileSync(pictureFile(name)) }
    })
    writeFileSync(served.archive, zipFile(entries))
    service = await openService()
    const { jobs, embeddings } = service
    server = await startServer(service.collections, { jobs, embeddings })
    served.url = server.origin
  })
  after(async () => {
    await server.server.close()
    await service.close()
    rmSync(served.folder, { recursive: true })
  })
  return served
}

function pictureFile(name: string): string {
  return `examples/emoji/animal-mammal/${name}.google.png`
}

const execute = promisify(execFile)

/** Runs a program, and gives what it wrote. It is no part of our coverage. @throws an Error with its output where it fails. */
export async function runProgram(
  command: string,
  options: readonly string[],
  { cwd = '.', env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const { NODE_V8_COVERAGE: _, ...inherited } = process.env
  try {
    const { stdout } = await execute(command, options, { cwd, env: { ...inherited, ...env } })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${options.join(' ')}: ${stdout}${stderr}`, { cause: error })
  }
}
