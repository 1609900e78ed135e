import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The environment of a child: this one's, without any configuration of the person who tests. */
function cleanEnvironment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('LOOKALIKE_'))
  return { ...Object.fromEntries(kept), ...extra }
}

/** Starts the built command line, as a user would. */
export function startCommand(
  args: readonly string[],
  environment: Record<string, string> = {},
): ChildProcess & { readonly finished: Promise<Finished> } {
  const child = spawn(process.execPath, ['dist/src/cli/lookalike.js', ...args], {
    env: cleanEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const finished = once(child, 'close').then(([status]) => ({ status, ...output }))
  return Object.assign(child, { finished })
}

export async function runCommand(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Finished> {
  return await startCommand(args, environment).finished
}
