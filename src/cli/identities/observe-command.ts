import type { Command } from 'commander'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { plainText } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import { objectJson } from '../options.ts'
import { printResult } from '../terminal.ts'
import { type Candidate, candidateTable } from './identify-command.ts'
import { addThresholds, type ThresholdOptions, thresholdsOf } from './threshold-options.ts'

interface ObserveOptions extends BackendOptions, ThresholdOptions {
  readonly collection: string
  readonly vector?: string
  readonly metadata?: object
  readonly camera?: string
  readonly track?: string
  readonly idempotencyKey?: string
  readonly json?: true
}

interface Answer {
  readonly identity: unknown
  readonly created: boolean
  readonly decision: string
  readonly records: readonly string[]
  readonly candidates: readonly Candidate[]
}

export function addObserveCommand(program: Command): void {
  const command = program
    .command('observe')
    .summary('store what was seen with the identity found, or a new one')
    .description(
      'Finds the identity of one or several pictures of one subject, or makes one, and stores them, in one step.',
    )
    .argument('[pictures...]', 'pictures of one subject')
    .requiredOption('--collection <name>', 'where it is stored')
    .option('--vector <file>', 'a JSON list of numbers instead, or a list of such lists')
    .option('--metadata <json>', 'of the records that are made', objectJson)
    .option('--camera <name>', 'that saw it')
    .option('--track <name>', 'what is of one track, and camera, is one identity')
    .option('--idempotency-key <key>', 'with the same key it is stored once')
  addThresholds(command)
  command.option('--json', 'print the answer as JSON')
  addBackendOptions(command).action(run)
}

async function run(pictures: readonly string[], options: ObserveOptions): Promise<void> {
  const { collection, metadata, camera, track, idempotencyKey, distance, json } = options
  checkCollectionName(collection)
  const { readSubject, requestOf } = await import('./subject.ts')
  await withContract(options, { scope: 'write' }, async ({ client, maxImageBytes }) => {
    const subject = await readSubject(pictures, { vector: options.vector }, maxImageBytes)
    const request = {
      metadata,
      camera,
      track,
      idempotencyKey,
      distance,
      thresholds: thresholdsOf(options),
    }
    const { vector, vectors = [vector] } = subject.query ?? {}
    const body =
      subject.query === null ? requestOf(subject, request) : { json: { vectors, ...request } }
    const path = ['v1', 'collections', collection, 'observe']
    // Without a key a repeated call would be stored twice.
    const call = () => client.ask<Answer>('identity', { method: 'POST', path, ...body })
    const answer = await (idempotencyKey === undefined ? call() : withRetries(call))
    printResult(
      json,
      answer,
      () => `${observedLine(answer)}\n\n${candidateTable(answer.candidates)}`,
    )
  })
}

function observedLine({ identity, created, decision, records }: Answer): string {
  const who = plainText(String(identity))
  const stored = records.length === 1 ? '1 record' : `${records.length} records`
  return `${created ? 'new' : 'known'}: ${who} (${decision}), ${stored} stored`
}
