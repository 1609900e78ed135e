import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { AppError } from '../../../errors.ts'

/** The target that the addon was compiled for, as scripts/build.mjs leaves it beside the addon. */
interface CompiledFor {
  readonly flags: string
  /** As /proc/cpuinfo names them. */
  readonly instructions: readonly string[]
}

/**
 * Checks that the processor has what the addon was compiled for: without it the first search would end
 * the process. Where the processor is unknown, nothing is checked.
 *
 * @throws PROCESSOR_UNSUPPORTED that names the missing instruction sets.
 */
export function checkProcessor(): void {
  const compiledFor = addonCompiledFor()
  if (compiledFor === null || !existsSync('/proc/cpuinfo')) return
  const { flags, instructions } = compiledFor
  const missing = missingInstructions(instructions, readFileSync('/proc/cpuinfo', 'utf8'))
  if (missing.length === 0) return
  throw new AppError(
    'PROCESSOR_UNSUPPORTED',
    `this build is for processors with ${missing.join(', ')} (compiled with ${flags}), which this one lacks: ` +
      'build it with `CXXFLAGS= npm run build`',
  )
}

/** Null for an addon as it is installed, which runs on every processor. */
export function addonCompiledFor(): CompiledFor | null {
  const main = createRequire(import.meta.url).resolve('hnswlib-node')
  const path = new URL('../build/Release/compiled-for.json', `file://${main}`)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CompiledFor) : null
}

/** Gives those that the line `flags` of /proc/cpuinfo lacks; none where there is no such line. */
export function missingInstructions(needed: readonly string[], cpuinfo: string): string[] {
  const line = /^flags\s*:(.*)$/m.exec(cpuinfo)
  if (line === null) return []
  const present = new Set(line[1]!.trim().split(/\s+/))
  return needed.filter((name) => !present.has(name))
}
