import { type Command, Option } from 'commander'
import { checkFolder } from '../../adapters/image-files.ts'
import { walkImages } from '../../adapters/walk-images.ts'
import { DEFAULT_EXCLUDES, Exclusion } from '../../collection/import/exclusion.ts'
import type { LabelFrom } from '../../collection/import/import-source.ts'
import { checkCollectionName, type Keep } from '../../engine/collection-spec.ts'
import { countsText } from '../../training/data/image-counts.ts'
import { leftOutLines } from '../../training/data/left-out-file.ts'
import { refusalLine } from '../../training/data/refused-file.ts'
import { addBackendOptions, type BackendOptions, withBackend } from '../backend/backend-options.ts'
import { choice, integerFrom, listed } from '../options.ts'
import { EXIT, interruptible, notify, printResult } from '../terminal.ts'
import type { IndexReport } from './index-folder.ts'

interface IndexOptions extends BackendOptions {
  readonly collection: string
  readonly labelFrom: LabelFrom
  readonly layout?: string
  readonly metadata?: string
  readonly exclude?: readonly string[]
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
      'Adds the images below FOLDER (JPEG, PNG, WebP, AVIF, GIF, TIFF; any file that begins as one) to a ' +
        'collection, which is made when missing. The id of an image is its path below FOLDER. An image whose ' +
        'content the collection has under its id is skipped, or gets the metadata that changed, so that a ' +
        'stopped run can be run again. What is left out is counted and named.',
    )
    .argument('<folder>', 'where the images are')
    .requiredOption('--collection <name>', 'where they go')
    .addOption(
      choice('--label-from <what>', 'take the metadata "label" from the first folder of the path', [
        'folder',
        'none',
      ]).default('folder'),
    )
    .addOption(
      new Option(
        '--layout <pattern>',
        'take metadata from the path instead: market1501 (PPPP_cCsS_FFFFFF_NN.jpg), or a pattern such as ' +
          '"{identity}/{camera}_*.jpg", where * is any text. Other paths are left out',
      ).conflicts('labelFrom'),
    )
    .option(
      '--metadata <file.csv>',
      'more metadata: the column "file" holds the path below FOLDER, each other column becomes a member. ' +
        'true and false become booleans, what JSON reads as a number becomes one (007 stays text, and so do ' +
        'integers beyond 2^53), empty cells are left out',
    )
    .option(
      '--exclude <glob>',
      'leave out what is named so, in any folder, or as a path below FOLDER (raw/**); may be given again, ' +
        `and !GLOB takes back. Always left out: ${DEFAULT_EXCLUDES.join(' ')}`,
      listed,
    )
    .option('--concurrency <n>', 'images on their way at a time, 1 to 64', integerFrom(1, 64), 16)
    .addOption(choice('--keep <what>', 'what a new collection keeps of the images', KEEPS))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
  addBackendOptions(command).action(run)
}

async function run(folder: string, options: IndexOptions): Promise<void> {
  const { collection, labelFrom, metadata: csvFile, concurrency, keep, json, quiet } = options
  checkCollectionName(collection)
  const exclusion = new Exclusion(options.exclude)
  const { pathLayout } = await import('./path-layout.ts')
  const { labelOf } = await import('../../collection/import/wanted-metadata.ts')
  const { layout } = options
  const ofPath = layout === undefined ? (id: string) => labelOf(id, labelFrom) : pathLayout(layout)
  const { indexFolder } = await import('./index-folder.ts')
  const { NO_METADATA, readMetadataCsv } = await import('./metadata-csv.ts')
  const { startProgress } = await import('../progress.ts')
  await checkFolder(folder)
  const metadata = csvFile === undefined ? NO_METADATA : await readMetadataCsv(csvFile)
  const { total, unused } = await countImages(folder, exclusion, metadata.rows)
  if (unused !== null) notify(`${csvFile}: ${unused}`)
  if (total === 0) notify(`there is no image below ${folder}`)
  await withBackend(options, { scope: 'write', makesFolder: true }, async (backend) => {
    const notice = 'stopping after the images on their way; again to stop at once'
    await interruptible({ notice }, async (signal) => {
      const progress = startProgress(total, { quiet: quiet === true })
      const source = { folder, ofPath, metadata, exclusion }
      const job = { backend, ...source, collection, keep, concurrency }
      const report = await indexFolder(job, signal, progress.update).finally(progress.stop)
      printResult(json, report, () => summaryOf(report))
      if (signal.aborted) {
        const { added, replaced, updated, skipped, refused } = report
        const done = added + replaced + updated + skipped + refused.length
        notify(`stopped after ${done} of ${total} images; the same command resumes there`)
        process.exitCode = EXIT.failed
      } else if (report.refused.length > 0) {
        process.exitCode = EXIT.someRefused
      }
    })
  })
}

/** Counts the images below a folder. `unused` tells of rows of metadata that are of none of them. */
async function countImages(
  folder: string,
  exclusion: Exclusion,
  metadata: ReadonlyMap<string, unknown>,
) {
  let total = 0
  const unused = new Set(metadata.keys())
  for await (const { kind, id } of walkImages(folder, { exclusion })) {
    if (kind === 'leftOut') continue
    total++
    unused.delete(id)
  }
  if (unused.size === 0) return { total, unused: null }
  const [first] = unused
  const rows = unused.size === 1 ? 'one row names' : `${unused.size} rows name`
  return { total, unused: `${rows} no image below ${folder}, such as ${first}` }
}

/** Names the files left out and refused on standard error. @returns the line for standard output. */
function summaryOf({ collection, leftOut, refused, seconds, ...counts }: IndexReport): string {
  for (const line of leftOutLines(leftOut)) notify(line)
  for (const file of refused.slice(0, MAX_LISTED)) notify(refusalLine(file))
  if (refused.length > MAX_LISTED) {
    notify(`and ${refused.length - MAX_LISTED} more, which --json lists`)
  }
  const all = { ...counts, refused: refused.length, leftOut: leftOut.length }
  const text = countsText(all, ['added', 'skipped', 'refused'])
  return `${collection}: ${text} in ${seconds.toFixed(1)} s\n`
}
