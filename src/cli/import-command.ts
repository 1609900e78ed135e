import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { checkCollectionName } from '../engine/collection-spec.ts'
import { AppError, shown } from '../errors.ts'
import {
  addBackendOptions,
  type BackendOptions,
  type Contract,
  withContract,
} from './backend/backend-options.ts'
import type { JobReport } from './jobs/follow-job.ts'
import { choice, listed } from './options.ts'
import { EXIT, interruptible, printResult } from './terminal.ts'

interface ImportOptions extends BackendOptions {
  readonly collection: string
  readonly archive?: string
  readonly folder?: string
  readonly urls?: string
  readonly labelFrom: string
  readonly exclude?: readonly string[]
  readonly json?: true
}

const ARCHIVES: readonly (readonly [end: RegExp, type: string])[] = [
  [/\.zip$/i, 'application/zip'],
  [/\.tar$/i, 'application/x-tar'],
  [/\.(tar\.gz|tgz)$/i, 'application/gzip'],
]
const MAX_LIST_BYTES = 16 * 1024 * 1024

export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .summary('add the images of an archive, of URLs, or of a folder of the server, as a job')
    .description(
      'Starts an import by the service and waits for it. `lookalike index` adds the images of a folder of this machine. ' +
        'docs/jobs.md explains imports.',
    )
    .requiredOption('--collection <name>', 'where the images go; it must be there')
    .addOption(
      new Option('--archive <file>', 'a zip, tar or tar.gz file').conflicts(['folder', 'urls']),
    )
    .addOption(
      new Option('--folder <path>', 'of the server, below its LOOKALIKE_IMPORT_ROOT').conflicts(
        'urls',
      ),
    )
    .option('--urls <file>', 'a file with a URL on each line')
    .addOption(
      choice('--label-from <what>', 'take the metadata "label" from the first folder of the path', [
        'folder',
        'none',
      ]).default('folder'),
    )
    .option('--exclude <glob>', 'leave out what is named so; may be given again', listed)
    .option('--json', 'print the job as JSON')
  addBackendOptions(command).action(run)
}

async function run(options: ImportOptions): Promise<void> {
  const path = ['v1', 'collections', checkCollectionName(options.collection), 'import']
  const { checkSucceeded, followJob } = await import('./jobs/follow-job.ts')
  const { jobText } = await import('./jobs/jobs-command.ts')
  await withContract(options, { scope: 'write' }, async (contract) => {
    const { client } = contract
    const call = await callOf(options, path, contract)
    const job = await client.ask<JobReport>('progress', { method: 'POST', ...call })
    const notice = 'stopping; again to stop at once'
    const ended = await interruptible({ notice }, (signal) => followJob(client, job, signal))
    printResult(options.json, ended, () => jobText(ended))
    checkSucceeded(ended)
    if (ended.failures.length > 0) process.exitCode = EXIT.someRefused
  })
}

/** @throws INVALID_REQUEST unless it is one of an archive, a folder and URLs; FILE_UNREADABLE. */
async function callOf(options: ImportOptions, path: readonly string[], { isService }: Contract) {
  const { archive, folder, urls, labelFrom, exclude = [] } = options
  if (archive !== undefined) {
    const [, type] = ARCHIVES.find(([end]) => end.test(archive)) ?? []
    if (type === undefined) {
      const wanted = 'expected an archive that ends in .zip, .tar, .tar.gz or .tgz'
      throw new AppError('INVALID_REQUEST', `${wanted}, got ${shown(archive)}`)
    }
    const { openRegular } = await import('../files/regular-file.ts')
    const { unreadable } = await import('../adapters/image-files.ts')
    const { file } = await openRegular(archive).catch((cause) => {
      throw unreadable(archive, cause)
    })
    const query = exclude.map((glob) => ['exclude', glob] as const)
    return {
      path: [...path, 'archive'],
      query: [['labelFrom', labelFrom] as const, ...query],
      upload: { type, body: file.createReadStream() },
    }
  }
  if (folder !== undefined) {
    return { path, json: { folder: isService ? folder : resolve(folder), labelFrom, exclude } }
  }
  if (urls !== undefined) return { path, json: { urls: await readUrls(urls) } }
  throw new AppError('INVALID_REQUEST', 'expected --archive, --folder or --urls, got none')
}

async function readUrls(file: string): Promise<readonly { readonly url: string }[]> {
  const { readRegular } = await import('../files/regular-file.ts')
  const bytes = await readRegular(file, MAX_LIST_BYTES, (size) => {
    const message = `${file}: expected at most ${MAX_LIST_BYTES} bytes, got ${size}`
    return new AppError('FILE_UNREADABLE', message)
  })
  const lines = new TextDecoder().decode(bytes).split('\n')
  return lines.flatMap((line) => (line.trim() === '' ? [] : [{ url: line.trim() }]))
}
