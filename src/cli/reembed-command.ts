import { type Command, Option } from 'commander'
import type { ReembedInput, ReembedSource } from '../collection/reembed/reembeddings.ts'
import { checkCollectionName } from '../engine/collection-spec.ts'
import { AppError } from '../errors.ts'
import { plainText } from '../text-table.ts'
import { refusalLine } from '../training/data/refused-file.ts'
import { EXIT } from './failure.ts'
import { modelName } from './option-values.ts'
import type { Progress } from './progress.ts'
import type { ReembedOrder, ReembedReport } from './reembed-collection.ts'
import type { Target } from './target.ts'
import { addTargetOptions, openTarget, type TargetOptions } from './target-options.ts'

interface ReembedOptions extends Omit<TargetOptions, 'model'> {
  readonly model: string
  readonly from: ReembedSource['kind']
  readonly folder?: string
  readonly missing: ReembedInput['missing']
  readonly json?: true
  readonly quiet?: true
}

export function addReembedCommand(collections: Command): void {
  const command = collections
    .command('reembed')
    .summary('move a collection to another model')
    .description(
      'Makes a vector of another model for every record of the collection NAME, and then puts all of them in ' +
        'force at once. The old vectors are kept. A stopped run can be run again. docs/reembedding.md ' +
        'says what is checked, and how to go back or drop what was.',
    )
    .argument('<name>', 'the collection')
    .requiredOption('--model <name>', 'the new embedding model', modelName)
    .addOption(
      new Option('--from <what>', 'what the new vectors are made of')
        .choices(['originals', 'folder', 'vectors'] satisfies ReembedSource['kind'][])
        .default('originals'),
    )
    .option(
      '--folder <path>',
      'beside --from folder: the file of a record lies there at its id; with --url a path below the import root of the service',
    )
    .addOption(
      new Option('--missing <what>', 'where records get no vector: change nothing, or keep them')
        .choices(['fail', 'keep'] satisfies ReembedInput['missing'][])
        .default('fail'),
    )
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
  addTargetOptions(command, { withoutModel: true }).action(run)
}

async function run(collection: string, options: ReembedOptions): Promise<void> {
  checkCollectionName(collection)
  const { model, missing, json, quiet, from, folder, ...targetOptions } = options
  const input = { model, missing, from: sourceOf(from, folder) }
  const interrupted = new AbortController()
  const stop = () => {
    say('stopping; again to stop at once')
    interrupted.abort()
  }
  const target = await openTarget(targetOptions, process.env)
  // Once: the second Ctrl-C meets the default, which ends the process.
  process.once('SIGINT', stop)
  try {
    const shown = { quiet: quiet === true }
    const report = await followed(target, { collection, ...input }, interrupted.signal, shown)
    print(report, { json: json === true })
  } finally {
    process.off('SIGINT', stop)
    await target.close()
  }
}

/** @throws INVALID_REQUEST for a folder without a path, and a path without a folder. */
function sourceOf(kind: ReembedSource['kind'], folder: string | undefined): ReembedSource {
  if (kind === 'folder' && folder !== undefined) return { kind, folder }
  if (kind !== 'folder' && folder === undefined) return { kind }
  throw new AppError(
    'INVALID_REQUEST',
    `expected --folder PATH beside --from folder and nowhere else, got --from ${kind} and ${folder === undefined ? 'no folder' : '--folder'}`,
  )
}

async function followed(
  target: Target,
  order: ReembedOrder,
  signal: AbortSignal,
  shown: { readonly quiet: boolean },
): Promise<ReembedReport> {
  const { reembedCollection } = await import('./reembed-collection.ts')
  const { startProgress } = await import('./progress.ts')
  let progress: Progress | null = null
  try {
    return await reembedCollection(target, order, signal, ({ done, total, counts }) => {
      if (total === null) return
      progress ??= startProgress(total, shown)
      const { skipped = 0, refused = 0 } = counts
      progress.update({ added: done - skipped - refused, skipped, refused })
    })
  } finally {
    // A closure set it.
    ;(progress as Progress | null)?.stop()
  }
}

/** @throws why the job failed; CANCELLED. */
function print(report: ReembedReport, { json }: { json: boolean }): void {
  const { collection, model, state, embedded, skipped, refused, failures, error, seconds } = report
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else for (const { id, ...why } of failures) say(refusalLine({ file: id, ...why }))
  if (!json && refused > failures.length) say(`and ${refused - failures.length} more`)
  if (error !== null) throw new AppError(error.code, error.detail)
  if (state === 'cancelled') {
    throw new AppError(
      'CANCELLED',
      'stopped: the vectors made are kept, and the same command goes on from there',
    )
  }
  if (refused > 0) process.exitCode = EXIT.someRefused
  if (json) return
  process.stdout.write(
    `${collection}: ${embedded} embedded by ${model}, ${skipped} skipped, ${refused} refused in ${seconds.toFixed(1)} s\n`,
  )
}

function say(text: string): void {
  process.stderr.write(`${plainText(text)}\n`)
}
