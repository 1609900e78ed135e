import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Flags, loadConfig } from '../../config/config.ts'
import { AppError, shown } from '../../errors.ts'
import { isLoopback } from '../../http/exposure.ts'
import { plainText } from '../../text-table.ts'
import { addSettings } from '../backend/backend-options.ts'
import { modelName } from '../options.ts'
import type { ModelWishes } from './describe-model.ts'
import { addModelOptions, wishesOf } from './model-options.ts'

interface HubName {
  readonly owner: string
  readonly name: string
}

type PullOptions = Pick<Flags, 'models' | 'provider'> &
  ModelWishes & {
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
/** Protobuf's own limit of a message, which the bundle's file is. */
const MAX_BYTES = 2 ** 31 - 1
const IDLE_TIMEOUT_MS = 60_000
const TOTAL_TIMEOUT_MS = 6 * 3_600_000
const LINE_EVERY_MS = 5000

export function addPullCommand(models: Command): void {
  const command = models
    .command('pull')
    .summary('make a model of a repository of the Hugging Face hub')
    .description(
      'Downloads an ONNX file with its preprocessing, makes a bundle of it, and pins commit and SHA-256 of all files in ' +
        'models.lock.json. A broken download is gone on with. HF_TOKEN opens closed repositories, HF_ENDPOINT names a mirror.',
    )
    .argument('<source>', 'hf:OWNER/NAME', hubName)
    .option('--revision <name>', 'a branch, a tag or a commit (default: main)', revisionName)
    .addOption(
      new Option('--variant <name>', 'of the file: fp16 for onnx/model_fp16.onnx').conflicts(
        'file',
      ),
    )
    .option('--file <path>', 'the ONNX file in the repository', onnxPath)
    .option('--name <name>', 'of the model (default: NAME)', modelName)
    .option('--update', 'take what the revision is now, and pin that')
    .option('--force', 'replace a model of that name that was not pulled')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
  addModelOptions(command)
  addSettings(command, ['models', 'provider']).action(run)
}

async function run({ owner, name }: HubName, options: PullOptions): Promise<void> {
  const { models, provider, json, quiet, revision = null } = options
  const config = loadConfig(process.env, {
    ...(models === undefined ? {} : { models }),
    ...(provider === undefined ? {} : { provider }),
  })
  const repository = { owner, name, ...hubOf(process.env) }
  const { pullModel, USUAL_FILES } = await import('./pull-model.ts')
  const { describedLines } = await import('./install-model.ts')
  const interrupted = new AbortController()
  const stop = () => interrupted.abort(new Error('stopped; the same call again goes on with it'))
  // Once: the second Ctrl-C meets the default, which ends the process.
  process.once('SIGINT', stop)
  try {
    const { bundle, entry, change } = await pullModel(
      {
        ...{ repository, revision, wishes: wishesOf(options) },
        name: options.name ?? name,
        files: filesOf(options, USUAL_FILES),
        ...{ update: options.update === true, force: options.force === true },
      },
      config,
      {
        ...{ maxBytes: MAX_BYTES, idleTimeoutMs: IDLE_TIMEOUT_MS },
        signal: AbortSignal.any([interrupted.signal, AbortSignal.timeout(TOTAL_TIMEOUT_MS)]),
        onProgress: quiet === true ? () => {} : progressLines(),
      },
    )
    process.stdout.write(
      json === true
        ? `${JSON.stringify({ change, model: bundle, pinned: entry }, null, 2)}\n`
        : `${describedLines(bundle).split('\n').map(plainText).join('\n')}  ${change}: ${plainText(entry.file)} of ${entry.source} at ${entry.commit ?? plainText(entry.revision)}, verified\n`,
    )
  } finally {
    process.off('SIGINT', stop)
  }
}

/** `fp16` of the usual files: `onnx/model_fp16.onnx`. */
function filesOf(
  { file, variant }: PullOptions,
  usual: readonly string[],
): readonly string[] | null {
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
  const url = URL.canParse(given) ? new URL(given) : null
  const plain =
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (!plain) {
    throw new AppError(
      'CONFIG_INVALID',
      `HF_ENDPOINT: expected the address of a hub, got ${shown(given)}`,
    )
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

/** For commander. */
function hubName(text: string): HubName {
  const parts = /^hf:([\w-][\w.-]{0,95})\/([\w-][\w.-]{0,95})$/.exec(text)
  if (parts !== null) return { owner: parts[1]!, name: parts[2]! }
  throw new InvalidArgumentError('Expected hf:OWNER/NAME.')
}

/** For commander. */
function revisionName(text: string): string {
  if (/^[\w-][\w./-]{0,199}$/.test(text) && !text.includes('..')) return text
  throw new InvalidArgumentError('Expected the name of a branch, a tag or a commit.')
}

/** For commander. */
function onnxPath(text: string): string {
  if (/^(?:[\w-][\w .-]*\/)*[\w-][\w .-]*\.onnx$/.test(text) && text.length <= 512) return text
  throw new InvalidArgumentError('Expected the path of an .onnx file in the repository.')
}

function progressLines(): (path: string, bytes: number, total: number | null) => void {
  let told = performance.now()
  return (path, bytes, total) => {
    if (performance.now() - told < LINE_EVERY_MS) return
    told = performance.now()
    const megabytes = (count: number) => (count / 1e6).toFixed(1)
    const of = total === null ? '' : ` of ${megabytes(total)}`
    process.stderr.write(`${plainText(path)}: ${megabytes(bytes)}${of} MB\n`)
  }
}
