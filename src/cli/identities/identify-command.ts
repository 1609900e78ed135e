import type { Command } from 'commander'
import { MAX_K } from '../../collection/requests.ts'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { left, plainText, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import { filterJson, integerFrom, listed } from '../options.ts'
import { printResult } from '../terminal.ts'
import { withType } from './identity-options.ts'
import type { SubjectOptions } from './subject.ts'
import { addThresholds, type ThresholdOptions, thresholdsOf } from './threshold-options.ts'

interface IdentifyOptions extends BackendOptions, SubjectOptions, ThresholdOptions {
  readonly collection: string
  readonly k?: number
  readonly filter?: object
  readonly camera?: string
  readonly json?: true
}

/** The part of the answer that the table shows. */
interface Answer {
  readonly decision: string
  readonly identity: unknown
  readonly distance: string
  readonly thresholds: {
    readonly known: number | null
    readonly unknown: number | null
    readonly source: string
  }
  readonly candidates: readonly Candidate[]
}

export interface Candidate {
  readonly identity: unknown
  readonly distance: number
  readonly probability?: number
  readonly best: readonly { readonly id: string }[]
}

export function addIdentifyCommand(program: Command): void {
  const command = program
    .command('identify')
    .summary('say who a subject is, or that it is nobody who is stored')
    .description(
      'Compares one or several pictures of one subject with the identities of a collection, and says `known`, `doubtful` or ' +
        '`unknown` by two thresholds: those of `lookalike calibrate`, unless given. docs/identities.md explains them.',
    )
    .argument('[pictures...]', 'pictures of one subject')
    .requiredOption('--collection <name>', 'where to look')
    .option('--id <id>', 'a stored record instead; may be given again', listed)
    .option('--vector <file>', 'a JSON list of numbers instead, or a list of such lists')
    .option('--identity <value>', 'a stored identity instead')
    .option('-k <n>', 'how many candidates (default: 5)', integerFrom(1, MAX_K))
    .option('--filter <json>', 'only records whose metadata meets it', filterJson)
    .option('--camera <name>', 'leave out what this camera saw')
  addThresholds(command)
  command.option('--json', 'print the answer as JSON')
  addBackendOptions(withType(command)).action(run)
}

async function run(pictures: readonly string[], options: IdentifyOptions): Promise<void> {
  const { collection, k, filter, distance, camera, json } = options
  checkCollectionName(collection)
  const { readSubject, requestOf } = await import('./subject.ts')
  await withContract(options, { scope: 'read' }, async ({ client, maxImageBytes }) => {
    const subject = await readSubject(pictures, options, maxImageBytes)
    const seen = camera === undefined ? {} : { camera, sameCamera: 'exclude' }
    const request = { k, filter, distance, thresholds: thresholdsOf(options), ...seen }
    const path = ['v1', 'collections', collection, 'identify']
    const call = { method: 'POST', path, ...requestOf(subject, request) } as const
    const answer = await withRetries(() => client.ask<Answer>('candidates', call))
    const table = () => candidateTable(answer.candidates)
    printResult(json, answer, () => `${decisionLine(answer)}\n\n${table()}`)
  })
}

function decisionLine({ decision, identity, distance, thresholds }: Answer): string {
  const { known, unknown, source } = thresholds
  const by =
    known === null || unknown === null
      ? 'no thresholds: `lookalike calibrate` finds some, or give --known and --unknown'
      : `known up to ${known.toFixed(4)}, unknown beyond ${unknown.toFixed(4)}, by ${source}`
  const who = identity === null ? decision : `${decision}: ${plainText(String(identity))}`
  return `${who} (distance ${distance}; ${by})`
}

/** Writes a row for each candidate, the nearest first. */
export function candidateTable(candidates: readonly Candidate[]): string {
  return textTable({
    columns: [left('identity'), right('distance'), right('probability'), left('nearest record')],
    rows: candidates.map(({ identity, distance, probability, best }) => [
      String(identity),
      distance.toFixed(4),
      probability === undefined ? '-' : probability.toFixed(3),
      best[0]?.id ?? '-',
    ]),
  })
}
