import type { Command } from 'commander'
import { checkFolder, walkImages } from '../../adapters/image-files.ts'
import type { LabelFrom } from '../../collection/import/import-source.ts'
import { checkCollectionName, type Keep } from '../../engine/collection-spec.ts'
import type { Metadata } from '../../engine/metadata.ts'
import { refusalLine } from '../../training/data/refused-file.ts'
import { addBackendOptions, type BackendOptions, withBackend } from '../backend/backend-options.ts'
import { choice, integerFrom } from '../options.ts'
import { EXIT, interruptible, notify, printResult } from '../terminal.ts'
import type { IndexReport } from './index-folder.ts'

interface IndexOptions extends BackendOptions {
  readonly collection: string
  readonly labelFrom: LabelFrom
  readonly metadata?: string
  readonly concurrency: number
  readonly keep?: Keep
  readonly json?: true
  readonly quiet?: true
}

const MAX_LISTED = 100
const KEEPS = ['none', 'thumbnail', 'original'] satisfies Keep[]

export function addIndexCommand(program: Command): void {
  const command = program
    .command('index')
    .summary('add the images below a folder to a collection')
    .description(
      'Adds the images below FOLDER (.jpg .jpeg .png .webp .avif .gif .tif .tiff; hidden files are left out) ' +
        'to a collection, which is made when missing. The id of an image is its path below FOLDER. ' +
        'An image whose content the collection has under its id is skipped, its metadata left as it is, ' +
        'so that a stopped run can be run again.',
    )
    .argument('<folder>', 'where the images are')
    .requiredOption('--collection <name>', 'where they go')
    .addOption(
      choice('--label-from <what>', 'take the metadata "label" from the first folder of the path', [
        'folder',
        'none',
      ]).default('folder'),
    )
    .option(
      '--metadata <file.csv>',
      'more metadata: the column "file" holds the path below FOLDER, each other column becomes a member. ' +
        'true and false become booleans, what JSON reads as a number becomes one (007 stays text, and so do ' +
        'integers beyond 2^53), empty cells are left out',
    )
    .option('--concurrency <n>', 'images on their way at a time, 1 to 64', integerFrom(1, 64), 8)
    .addOption(choice('--keep <what>', 'what a new collection keeps of the images', KEEPS))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
  addBackendOptions(command).action(run)
}

async function run(folder: string, options: IndexOptions): Promise<void> {
  const { collection, labelFrom, metadata: csvFile, concurrency, keep, json, quiet } = options
  checkCollectionName(collection)
  const { indexFolder } = await import('./index-folder.ts')
  const { readMetadataCsv } = await import('./metadata-csv.ts')
  const { startProgress } = await import('../progress.ts')
  await checkFolder(folder)
  const metadata = csvFile === undefined ? new Map() : await readMetadataCsv(csvFile)
  const total = await countImages(folder, metadata, csvFile)
  await withBackend(options, async (backend) => {
    const notice = 'stopping after the images on their way; again to stop at once'
    await interruptible({ notice }, async (signal) => {
      const progress = startProgress(total, { quiet: quiet === true })
      const job = { backend, folder, collection, keep, labelFrom, metadata, concurrency }
      const report = await indexFolder(job, signal, progress.update).finally(progress.stop)
      printResult(json, report, () => summaryOf(report))
      if (signal.aborted) {
        const done = report.added + report.skipped + report.refused.length
        notify(`stopped after ${done} of ${total} images; the same command goes on from there`)
        process.exitCode = EXIT.failed
      } else if (report.refused.length > 0) {
        process.exitCode = EXIT.someRefused
      }
    })
  })
}

/** Counts the images below a folder, and notifies of rows of metadata that are of none of them. */
async function countImages(
  folder: string,
  metadata: ReadonlyMap<string, Metadata>,
  csvFile: string | undefined,
): Promise<number> {
  let total = 0
  const unused = new Set(metadata.keys())
  for await (const file of walkImages(folder)) {
    total++
    unused.delete(file.id)
  }
  if (unused.size > 0) {
    const [first = ''] = unused
    const rows = unused.size === 1 ? 'one row names' : `${unused.size} rows name`
    notify(`${csvFile}: ${rows} no image below ${folder}, such as ${first}`)
  }
  return total
}

/** Names the refused files on standard error. @returns the line for standard output. */
function summaryOf({ collection, added, skipped, refused, seconds }: IndexReport): string {
  for (const file of refused.slice(0, MAX_LISTED)) notify(refusalLine(file))
  if (refused.length > MAX_LISTED) {
    notify(`and ${refused.length - MAX_LISTED} more, which --json lists`)
  }
  return `${collection}: ${added} added, ${skipped} skipped, ${refused.length} refused in ${seconds.toFixed(1)} s\n`
}
