import type { Command } from 'commander'
import type { CalibrateInput } from '../../collection/identities/calibrations.ts'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { left, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import { integerFrom } from '../options.ts'
import { interruptible, printResult } from '../terminal.ts'

interface CalibrateOptions extends BackendOptions, Partial<CalibrateInput> {
  readonly collection: string
  readonly show?: true
  readonly json?: true
}

interface Row {
  readonly rate: number
  readonly threshold: number | null
  readonly missed: number
  readonly enough: boolean
}

/** The part of a calibration that the table shows. */
interface Calibration {
  readonly records: number
  readonly identities: number
  readonly probes: number
  readonly best: string
  readonly model: string | null
  readonly views: number
  readonly distances: Readonly<
    Record<string, { readonly matches: readonly Row[]; readonly accepts: readonly Row[] }>
  >
}

export function addCalibrateCommand(program: Command): void {
  const command = program
    .command('calibrate')
    .summary('learn thresholds from the labelled records of a collection')
    .description(
      'Learns from the labelled records of a collection which distance means the same identity, and keeps it with the ' +
        'collection: `identify`, `verify` and `observe` then have thresholds. docs/identities.md explains the numbers.',
    )
    .requiredOption('--collection <name>', 'with an identity field')
    .option(
      '--views <n>',
      'pictures of each probe, as many as look-ups will have (1)',
      integerFrom(1, 16),
    )
    .option('--records <n>', 'that are drawn, about (4000)', integerFrom(4, 1_000_000))
    .option('--seed <n>', 'of what is drawn (1)', integerFrom(0, 2 ** 32 - 1))
    .option('--show', 'learn nothing: print what was learnt before')
    .option('--json', 'print the calibration as JSON')
  addBackendOptions(command).action(run)
}

async function run(options: CalibrateOptions): Promise<void> {
  const { collection, views, records, seed, show, json } = options
  checkCollectionName(collection)
  const place = ['v1', 'collections', collection]
  const scope = show === true ? 'read' : 'write'
  await withContract(options, { scope }, async ({ client }) => {
    if (show !== true) {
      const { checkSucceeded, runJob } = await import('../jobs/follow-job.ts')
      const request = { path: [...place, 'calibrate'], json: { views, records, seed } }
      const notice = 'stopping; again to stop at once'
      checkSucceeded(await interruptible({ notice }, (signal) => runJob(client, request, signal)))
    }
    const call = { method: 'GET', path: [...place, 'calibration'] } as const
    const found = await withRetries(() => client.ask<Calibration>('distances', call))
    printResult(json, found, () => textOf(collection, found))
  })
}

function textOf(collection: string, calibration: Calibration): string {
  const { records, identities, probes, views, model, best, distances } = calibration
  const rows = Object.entries(distances).flatMap(([distance, { matches, accepts }]) => [
    ...matches.map((row) => rowOf(distance, 'match', row)),
    ...accepts.map((row) => rowOf(distance, 'accept', row)),
  ])
  const drawn = `${records} records of ${identities} identities, ${probes} probes of ${views}`
  const columns = [
    left('distance'),
    left('of a false'),
    right('rate'),
    right('threshold'),
    right('missed'),
    left('errors'),
  ]
  return `${collection}: ${drawn}, model ${model ?? '-'}; best ${best}\n\n${textTable({ columns, rows })}`
}

function rowOf(distance: string, kind: string, { rate, threshold, missed, enough }: Row) {
  const at = threshold === null ? '-' : threshold.toFixed(4)
  return [distance, kind, String(rate), at, missed.toFixed(3), enough ? 'enough' : 'few']
}
