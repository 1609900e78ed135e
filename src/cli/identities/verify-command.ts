import type { Command } from 'commander'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { IDENTITY_DISTANCES } from '../../engine/query.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import { choice, fraction, nonNegative } from '../options.ts'
import { printResult } from '../terminal.ts'
import { type TypeOptions, withType } from './identity-options.ts'

interface VerifyOptions extends BackendOptions, TypeOptions {
  readonly collection: string
  readonly threshold?: number
  readonly falseMatchRate?: number
  readonly distance?: string
  readonly json?: true
}

interface Answer {
  readonly same: boolean | null
  readonly distance: number
  readonly threshold: number | null
  readonly by: string
  readonly source: string
  readonly probability: number | null
  readonly falseMatchRate: number | null
  readonly falseNonMatchRate: number | null
}

export function addVerifyCommand(program: Command): void {
  const distances = IDENTITY_DISTANCES.filter((one) => one !== 'votes')
  const command = program
    .command('verify')
    .summary('say whether two subjects are the same')
    .description(
      'Compares two subjects. Each is a picture, or id:ID of a stored record, identity:VALUE of a stored identity, or vector:FILE. ' +
        'The threshold is that of `lookalike calibrate`, unless given.',
    )
    .argument('<a>', 'a picture, id:ID, identity:VALUE or vector:FILE')
    .argument('<b>', 'the other one')
    .requiredOption('--collection <name>', 'whose model and calibration count')
    .option('--threshold <distance>', 'the largest distance of the same, inclusive', nonNegative)
    .option('--false-match-rate <share>', 'take the calibrated threshold of this rate', fraction)
    .addOption(choice('--distance <kind>', 'of the two (default: the calibrated one)', distances))
    .option('--json', 'print the answer as JSON')
  addBackendOptions(withType(command)).action(run)
}

async function run(first: string, second: string, options: VerifyOptions): Promise<void> {
  const { collection, threshold, falseMatchRate, distance, json } = options
  checkCollectionName(collection)
  const { readOneSubject } = await import('./subject.ts')
  await withContract(options, { scope: 'read' }, async ({ client, maxImageBytes }) => {
    const a = await readOneSubject(first, options, maxImageBytes)
    const b = await readOneSubject(second, options, maxImageBytes)
    const path = ['v1', 'collections', collection, 'verify']
    const request = { a, b, threshold, falseMatchRate, distance }
    const call = { method: 'POST', path, json: request } as const
    const answer = await withRetries(() => client.ask<Answer>('same', call))
    printResult(json, answer, () => `${verdict(answer)}\n`)
  })
}

function verdict({ same, distance, threshold, by, source, ...rates }: Answer): string {
  const measured = `distance ${distance.toFixed(4)} by ${by}`
  if (same === null || threshold === null) {
    return `undecided: ${measured}, no threshold: \`lookalike calibrate\` finds some, or give --threshold`
  }
  const { probability, falseMatchRate, falseNonMatchRate } = rates
  const facts = [
    `${measured}, threshold ${threshold.toFixed(4)} by ${source}`,
    ...(probability === null ? [] : [`probability ${probability.toFixed(3)}`]),
    ...(falseMatchRate === null ? [] : [`false match rate ${falseMatchRate}`]),
    ...(falseNonMatchRate === null ? [] : [`misses ${falseNonMatchRate.toFixed(3)}`]),
  ]
  return `${same ? 'the same' : 'not the same'}: ${facts.join('; ')}`
}
