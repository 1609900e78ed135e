import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// Compiled, this file lies in dist/src/config.
const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))
const FORMER = 'index-data'
const MODELS = 'models'
const DATABASE = 'lookalike.sqlite'
/** What each bundle of a model has. */
const DESCRIPTION = 'model.json'

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
 * - Earlier versions made `index-data` and `models` in the working directory. An `index-data` that holds a database goes first,
 *   and with it a `models` beside it that holds a model: its collections may have that.
 */
export function defaultFolders(
  environment: NodeJS.ProcessEnv,
  { root = PACKAGE, workingFolder = process.cwd() } = {},
): DefaultFolders {
  // The package lacks it.
  const isCheckout = existsSync(join(root, 'scripts', 'build.mjs'))
  const own = ownFolder(environment)
  const shipped = join(root, MODELS)
  const usual = isCheckout
    ? { data: join(root, FORMER), models: shipped }
    : { data: join(own, 'data'), models: join(own, MODELS) }
  const former = { data: resolve(workingFolder, FORMER), models: resolve(workingFolder, MODELS) }
  const hasFormer = existsSync(join(former.data, DATABASE))
  const models = hasFormer && holdsModel(former.models) ? former.models : usual.models
  return {
    data: hasFormer ? former.data : usual.data,
    models,
    shippedModels: models === shipped ? null : shipped,
  }
}

function holdsModel(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => existsSync(join(folder, name, DESCRIPTION)))
  } catch {
    return false
  }
}

function ownFolder({ XDG_DATA_HOME: shared, HOME: home }: NodeJS.ProcessEnv): string {
  // The specification has relative paths ignored.
  if (shared !== undefined && isAbsolute(shared)) return join(shared, 'lookalike')
  return join(home || homedir(), '.local', 'share', 'lookalike')
}
