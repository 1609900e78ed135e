import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// Compiled, this file lies in dist/src/config.
const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))
const FORMER = 'index-data'
const DATABASE = 'lookalike.sqlite'

interface DefaultFolders {
  readonly data: string
  readonly models: string
  /** Where models are that `models` lacks; null where `models` has them. */
  readonly shippedModels: string | null
}

/**
 * Finds the folders of who names none. Neither depends on the working directory, but for data that an earlier version left there.
 *
 * - In a checkout, its `index-data` and its `models`.
 * - Elsewhere `data` and `models` below `~/.local/share/lookalike` (or `XDG_DATA_HOME`), so that an upgrade of the package loses
 *   nothing. Shipped models are in the package.
 * - Earlier versions made `index-data` in the working directory. One that holds a database goes first.
 */
export function defaultFolders(
  environment: NodeJS.ProcessEnv,
  { root = PACKAGE, workingFolder = process.cwd() } = {},
): DefaultFolders {
  const isCheckout = existsSync(join(root, FORMER))
  const own = ownFolder(environment)
  const former = resolve(workingFolder, FORMER)
  const hasFormer = existsSync(join(former, DATABASE))
  const shipped = join(root, 'models')
  return {
    data: hasFormer ? former : isCheckout ? join(root, FORMER) : join(own, 'data'),
    models: isCheckout ? shipped : join(own, 'models'),
    shippedModels: isCheckout ? null : shipped,
  }
}

function ownFolder({ XDG_DATA_HOME: shared, HOME: home }: NodeJS.ProcessEnv): string {
  // The specification has relative paths ignored.
  if (shared !== undefined && isAbsolute(shared)) return join(shared, 'lookalike')
  return join(home || homedir(), '.local', 'share', 'lookalike')
}
