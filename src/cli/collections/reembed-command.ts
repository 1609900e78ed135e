import { resolve } from 'node:path'
import type { Command } from 'commander'
import { isFinished } from '../../collection/jobs/job.ts'
import type { ReembedInput, ReembedSource } from '../../collection/reembed/reembeddings.ts'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import type { EmbeddingProgress } from '../../training/data/embed-files.ts'
import { refusalLine } from '../../training/data/refused-file.ts'
import {
  addBackendOptions,
  type BackendOptions,
  type Contract,
  withContract,
} from '../backend/backend-options.ts'
import type { HttpClient } from '../backend/http-client.ts'
import { type JobReport, runJob } from '../jobs/follow-job.ts'
import { choice, modelName } from '../options.ts'
import { EXIT, interruptible, notify, printJson } from '../terminal.ts'

interface ReembedOptions extends Omit<BackendOptions, 'model'> {
  readonly model: string
  readonly from: ReembedSource['kind']
  readonly folder?: string
  readonly missing: ReembedInput['missing']
  readonly json?: true
  readonly quiet?: true
}

const SOURCES = ['originals', 'folder', 'vectors'] satisfies ReembedSource['kind'][]

export function addReembedCommand(collections: Command): void {
  const command = collections
    .command('reembed')
    .summary('move a collection to another model')
    .description(
      'Makes a vector of another model for every record of the collection NAME, and then makes all of them ' +
        'active at once. The old vectors are kept. A stopped run can be run again. docs/reembedding.md ' +
        'says what is checked, and how to go back or drop what was.',
    )
    .argument('<name>', 'the collection')
    .requiredOption('--model <name>', 'the new embedding model', modelName)
    .addOption(
      choice('--from <what>', 'what the new vectors are made of', SOURCES).default('originals'),
    )
    .option(
      '--folder <path>',
      'beside --from folder: the file of a record lies there at its id; with --url a path below the import root of the service',
    )
    .addOption(
      choice('--missing <what>', 'where records get no vector: change nothing, or keep them', [
        'fail',
        'keep',
      ] satisfies ReembedInput['missing'][]).default('fail'),
    )
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
  addBackendOptions(command, 'model').action(run)
}

async function run(collection: string, options: ReembedOptions): Promise<void> {
  checkCollectionName(collection)
  const { model, missing, json, quiet = false, from, folder, ...backendOptions } = options
  const input = { model, missing, from: sourceOf(from, folder) }
  const { startProgress } = await import('../progress.ts')
  await withContract(backendOptions, { scope: 'write' }, async (contract) => {
    let progress: EmbeddingProgress | undefined
    const show = ({ progress: { done, total, counts } }: JobReport) => {
      if (total === null) return
      progress ??= startProgress(total, { quiet })
      const { skipped = 0, refused = 0 } = counts
      progress.update({ embedded: done - skipped - refused, skipped, refused })
    }
    const report = await interruptible(
      { notice: 'stopping; again to stop at once' },
      async (signal) => await reembed(contract, collection, input, signal, show),
    ).finally(() => progress?.stop())
    print(report, json)
  })
}

/** @throws INVALID_REQUEST for a folder without a path, and a path without a folder. */
function sourceOf(kind: ReembedSource['kind'], folder: string | undefined): ReembedSource {
  if (kind === 'folder' && folder !== undefined) return { kind, folder }
  if (kind !== 'folder' && folder === undefined) return { kind }
  const message = `expected --folder PATH beside --from folder and nowhere else, got --from ${kind} and ${folder === undefined ? 'no folder' : '--folder'}`
  throw new AppError('INVALID_REQUEST', message)
}

/**
 * Starts the job and follows it to its end; a signal that aborts cancels it.
 * @returns the fixed form of `lookalike collections reembed --json`, with the error of a job that failed.
 */
async function reembed(
  { client, isService }: Contract,
  collection: string,
  { model, from, missing }: ReembedInput,
  signal: AbortSignal,
  onProgress: (job: JobReport) => void,
) {
  const started = performance.now()
  if (!isService) await takeOver(client, collection)
  const source =
    from.kind === 'folder' ? { folder: isService ? from.folder : resolve(from.folder) } : from.kind
  const request = {
    path: ['v1', 'collections', collection, 'reembed'],
    json: { model, from: source, missing },
  }
  const job = await runJob(client, request, signal, onProgress)
  const { embedded = 0, skipped = 0, ended = 0, refused = 0 } = job.progress.counts
  return {
    collection,
    model,
    state: job.state,
    /** Records: given a vector now; had one of an earlier try; replaced or deleted meanwhile; got none. */
    embedded,
    skipped,
    ended,
    refused,
    /** The first hundred of those that got none. */
    failures: job.failures.map(({ item, code, detail }) => ({ id: item, code, detail })),
    error: job.error,
    seconds: Math.round(performance.now() - started) / 1000,
  }
}

/** Cancels a killed re-embedding of the collection: the new one uses its vectors. Jobs that a service left here wait on. */
async function takeOver(client: HttpClient, collection: string): Promise<void> {
  const path = ['v1', 'jobs']
  const found = await client.json({ method: 'GET', path, query: { collection } })
  for (const job of (found as { readonly jobs: readonly JobReport[] }).jobs) {
    if (job.kind !== 'reembed' || isFinished(job)) continue
    await client.json({ method: 'DELETE', path: [...path, job.id] })
  }
}

/** @throws why the job failed; CANCELLED. */
function print(report: Awaited<ReturnType<typeof reembed>>, json: true | undefined): void {
  const { collection, model, state, embedded, skipped, refused, failures, error, seconds } = report
  if (json === true) {
    printJson(report)
  } else {
    for (const { id, ...why } of failures) notify(refusalLine({ file: id, ...why }))
    if (refused > failures.length) notify(`and ${refused - failures.length} more`)
  }
  if (error !== null) throw new AppError(error.code, error.detail)
  if (state === 'cancelled') {
    const message = 'stopped: the vectors made are kept, and the same command resumes there'
    throw new AppError('CANCELLED', message)
  }
  if (refused > 0) process.exitCode = EXIT.someRefused
  if (json === true) return
  process.stdout.write(
    `${collection}: ${embedded} embedded by ${model}, ${skipped} skipped, ${refused} refused in ${seconds.toFixed(1)} s\n`,
  )
}
