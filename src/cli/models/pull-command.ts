import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Flags, loadConfig } from '../../config/config.ts'
import { AppError, shown } from '../../errors.ts'
import { isLoopback } from '../../http/admission/foreign-pages.ts'
import { plainLines } from '../../text-table.ts'
import { addSettings, baseUrl, modelName } from '../options.ts'
import { interruptible, notify, printResult } from '../terminal.ts'
import { addModelOptions, type ModelOverrides, overridesOf } from './model-options.ts'

interface PullOptions extends Pick<Flags, 'models' | 'provider'>, ModelOverrides {
  readonly revision?: string
  readonly variant?: string
  readonly file?: string
  readonly name?: string
  readonly update?: true
  readonly force?: true
  readonly json?: true
  readonly quiet?: true
}

const DEFAULT_ENDPOINT = 'https://huggingface.co'
const IDLE_TIMEOUT_MS = 60_000
const TOTAL_TIMEOUT_MS = 6 * 3_600_000

export function addPullCommand(models: Command): void {
  const variant = new Option('--variant <name>', 'of the file: fp16 for onnx/model_fp16.onnx')
  const command = models
    .command('pull')
    .summary('make a model of a repository of the Hugging Face hub')
    .description(
      'Downloads an ONNX file with its preprocessing, makes a bundle of it, and pins commit and SHA-256 of all files in ' +
        'models.lock.json. A broken download is resumed. HF_TOKEN opens closed repositories, HF_ENDPOINT names a mirror.',
    )
    .argument('<source>', 'hf:OWNER/NAME', hubName)
    .option('--revision <name>', 'a branch, a tag or a commit (default: main)', revisionName)
    .addOption(variant.conflicts('file'))
    .option('--file <path>', 'the ONNX file in the repository', onnxPath)
    .option('--name <name>', 'of the model (default: NAME)', modelName)
    .option('--update', 'take what the revision is now, and pin that')
    .option('--force', 'replace a model of that name that was not pulled')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
  addModelOptions(command)
  addSettings(command, ['models', 'provider']).action(run)
}

async function run(
  { owner, name }: ReturnType<typeof hubName>,
  options: PullOptions,
): Promise<void> {
  const { models, provider, json, quiet, revision = null, update, force } = options
  const config = loadConfig(process.env, { models, provider })
  const repository = { owner, name, ...hubOf(process.env) }
  const { MAX_MODEL_BYTES } = await import('../../adapters/models-folder/read-bundle.ts')
  const { pullModel, USUAL_FILES } = await import('./pull-model.ts')
  const { describedLines } = await import('./make-bundle.ts')
  const { everyFewSeconds } = await import('../progress.ts')
  const request = {
    repository,
    name: options.name ?? name,
    revision,
    files: filesOf(options, USUAL_FILES),
    overrides: overridesOf(options),
    update: update === true,
    force: force === true,
  }
  const reason = new Error('stopped; the same call resumes it')
  const { bundle, entry, change } = await interruptible({ reason }, async (interrupted) => {
    return await pullModel(request, config, {
      maxBytes: MAX_MODEL_BYTES,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      signal: AbortSignal.any([interrupted, AbortSignal.timeout(TOTAL_TIMEOUT_MS)]),
      onProgress: quiet === true ? () => {} : everyFewSeconds(notifyBytes),
    })
  })
  printResult(json, { change, model: bundle, pinned: entry }, () => {
    const { file, source, commit, revision } = entry
    const place = plainLines(`${file} of ${source} at ${commit ?? revision}`)
    return `${describedLines(bundle)}  ${change}: ${place}, verified\n`
  })
}

/** Gives the paths that the options name: of the variant fp16 `onnx/model_fp16.onnx`, and the like of the other usual files. */
function filesOf({ file, variant }: PullOptions, usual: readonly string[]) {
  if (file !== undefined) return [file]
  if (variant === undefined) return null
  if (!/^\w{1,64}$/.test(variant)) {
    throw new AppError('INVALID_REQUEST', `expected --variant such as fp16, got ${shown(variant)}`)
  }
  return usual.map((path) => path.replace(/\.onnx$/, `_${variant}.onnx`))
}

/** @throws CONFIG_INVALID */
function hubOf(environment: NodeJS.ProcessEnv): { endpoint: string; token: string | null } {
  const given = environment.HF_ENDPOINT || DEFAULT_ENDPOINT
  const url = baseUrl(given)
  if (url === null) {
    const message = `HF_ENDPOINT: expected the address of a hub, got ${shown(given)}`
    throw new AppError('CONFIG_INVALID', message)
  }
  const token = environment.HF_TOKEN?.trim() || null
  if (token !== null && !/^[!-~]{1,512}$/.test(token)) {
    throw new AppError('CONFIG_INVALID', 'HF_TOKEN: expected printable ASCII without spaces')
  }
  if (token !== null && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    const message = `HF_ENDPOINT: expected https where HF_TOKEN is sent, got ${shown(given)}`
    throw new AppError('CONFIG_INVALID', message)
  }
  return { endpoint: url.href.replace(/\/+$/, ''), token }
}

function hubName(text: string) {
  const parts = /^hf:([\w-][\w.-]{0,95})\/([\w-][\w.-]{0,95})$/.exec(text)
  if (parts !== null) return { owner: parts[1]!, name: parts[2]! }
  throw new InvalidArgumentError('Expected hf:OWNER/NAME.')
}

function revisionName(text: string): string {
  if (/^[\w-][\w./-]{0,199}$/.test(text) && !text.includes('..')) return text
  throw new InvalidArgumentError('Expected the name of a branch, a tag or a commit.')
}

function onnxPath(text: string): string {
  if (/^(?:[\w-][\w .-]*\/)*[\w-][\w .-]*\.onnx$/.test(text) && text.length <= 512) return text
  throw new InvalidArgumentError('Expected the path of an .onnx file in the repository.')
}

function notifyBytes(path: string, bytes: number, total: number | null): void {
  const megabytes = (count: number) => (count / 1e6).toFixed(1)
  const outOf = total === null ? '' : ` of ${megabytes(total)}`
  notify(`${path}: ${megabytes(bytes)}${outOf} MB`)
}
