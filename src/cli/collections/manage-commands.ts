import type { Command } from 'commander'
import type { CollectionStatus } from '../../collection/requests.ts'
import {
  checkCollectionName,
  MAX_DIMENSIONS,
  VECTOR_MEMORIES,
} from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import type { HttpClient } from '../backend/http-client.ts'
import { choice, integerFrom, listed, modelName, nonNegative, shareBetween } from '../options.ts'
import { printJson, printResult } from '../terminal.ts'

interface CreateOptions extends Omit<BackendOptions, 'model'> {
  readonly model?: string
  readonly metric?: string
  readonly dimensions?: number
  readonly field?: readonly string[]
  readonly identityField?: string
  readonly cameraField?: string
  readonly keep?: string
  readonly latencyBudget?: number
  readonly recallTarget?: number
  readonly memory?: string
  readonly json?: true
}

interface DeleteOptions extends BackendOptions {
  readonly yes?: true
}

export function addCreateCommand(collections: Command): void {
  const command = collections
    .command('create')
    .summary('make a collection')
    .description(
      'Makes a collection. The same again changes nothing; a different one of that name is an error.',
    )
    .argument('<name>', 'of the collection')
    .option('--model <name>', "that embeds its images (default: the service's)", modelName)
    .addOption(
      choice('--metric <name>', 'how distances are measured (default: cosine)', [
        'cosine',
        'euclidean',
      ]),
    )
    .option(
      '--dimensions <n>',
      'of the vectors; without --model: vectors only',
      integerFrom(1, MAX_DIMENSIONS),
    )
    .option('--field <name>', 'metadata that it is filtered by; may be given again', listed)
    .option('--identity-field <name>', 'metadata that names the person, product or animal')
    .option('--camera-field <name>', 'metadata that names the camera')
    .addOption(
      choice('--keep <what>', 'what is kept of the images (default: none)', [
        'none',
        'thumbnail',
        'original',
      ]),
    )
    .option('--latency-budget <ms>', 'what an exact search may take (5)', nonNegative)
    .option('--recall-target <share>', 'of approximate answers (.95)', shareBetween)
    .addOption(choice('--memory <what>', 'of each vector (default: float32)', VECTOR_MEMORIES))
    .option('--json', 'print it as JSON')
  addBackendOptions(command, 'model').action(create)
}

export function addShowCommand(collections: Command): void {
  const command = collections
    .command('show')
    .description('Prints a collection as JSON: count, bytes, plan, graph.')
    .argument('<name>', 'of the collection')
  addBackendOptions(command).action(async (name: string, options: BackendOptions) => {
    checkCollectionName(name)
    await withContract(options, { scope: 'read' }, async ({ client }) => {
      printJson(await statusOf(client, name))
    })
  })
}

export function addDeleteCommand(collections: Command): void {
  const command = collections
    .command('delete')
    .description('Drops a collection with all its records.')
    .argument('<name>', 'of the collection')
    .option('--yes', 'drop it; without, this only says how many records it has')
  addBackendOptions(command).action(drop)
}

async function create(name: string, options: CreateOptions): Promise<void> {
  checkCollectionName(name)
  const { model, metric, dimensions, field, identityField, cameraField, keep, ...others } = options
  const { latencyBudget, recallTarget, memory, json, ...backendOptions } = others
  const asked = {
    ...{ model, metric, dimensions, fields: field, identityField, cameraField, keep },
    ...{ latencyBudgetMs: latencyBudget, recallTarget, memory },
  }
  const call = { method: 'PUT', path: ['v1', 'collections', name], json: asked } as const
  await withContract(backendOptions, { scope: 'write', makesFolder: true }, async ({ client }) => {
    const made = await withRetries(() => client.ask<CollectionStatus>('name', call))
    const by = made.model === null ? 'vectors only' : `model ${made.model}`
    printResult(json, made, () => `${name}: ${by}, ${made.metric}, ${made.dimensions} numbers\n`)
  })
}

async function drop(name: string, options: DeleteOptions): Promise<void> {
  checkCollectionName(name)
  await withContract(options, { scope: 'write' }, async ({ client }) => {
    const { count } = await statusOf(client, name)
    const records = count === 1 ? '1 record' : `${count} records`
    if (options.yes !== true) {
      const message = `expected --yes to drop ${name} with its ${records}, got none`
      throw new AppError('INVALID_REQUEST', message)
    }
    const path = ['v1', 'collections', name]
    await withRetries(() => client.call({ method: 'DELETE', path }))
    process.stdout.write(`${name}: dropped with ${records}\n`)
  })
}

async function statusOf(client: HttpClient, name: string): Promise<CollectionStatus> {
  const call = { method: 'GET', path: ['v1', 'collections', name] } as const
  return await withRetries(() => client.ask<CollectionStatus>('plan', call))
}
