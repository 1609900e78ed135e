import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { CollectionStatus } from '../../collection/requests.ts'
import { loadConfig } from '../../config/config.ts'
import { MODEL_NAME } from '../../embedding/embedder.ts'
import { AppError, shown } from '../../errors.ts'
import { hasCode, withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'

interface RemoveOptions extends BackendOptions {
  readonly force?: true
}

export function addRemoveCommand(models: Command): void {
  const command = models
    .command('remove')
    .summary('delete a model')
    .description(
      'Deletes a model from the models folder of this machine. One that collections of the data folder, or of the service at --url, have stays.',
    )
    .argument('<name>', 'a model')
    .option('--force', 'also the default model, and without asking which collections have it')
  addBackendOptions(command).action(run)
}

async function run(name: string, options: RemoveOptions): Promise<void> {
  const { models, model } = options
  const config = loadConfig(process.env, { models, model })
  const { listModels } = await import('../../adapters/models-folder/read-bundle.ts')
  const { readLock, writeLock } = await import('./models-lock.ts')
  const found = MODEL_NAME.test(name) ? await listModels(config) : []
  const folder = join(config.modelsFolder, name)
  if (!found.some((one) => one.folder === folder)) {
    const names = found.map((one) => one.name).join(', ')
    const shipped = found.some((one) => one.name === name) ? ', but a shipped one' : ''
    const message = `no model ${shown(name)} in ${config.modelsFolder}${shipped}; there are ${names || 'none'}`
    throw new AppError('MODEL_NOT_FOUND', message)
  }
  if (options.force !== true) await checkUnused(name, config.model, options)
  const { [name]: _, ...locked } = await readLock(config.modelsFolder)
  await rm(folder, { recursive: true })
  await writeLock(config.modelsFolder, locked)
  process.stdout.write(`${name}: removed from ${config.modelsFolder}\n`)
}

/** @throws MODEL_IN_USE for the model of a collection, and the default one. */
async function checkUnused(name: string, byDefault: string, options: RemoveOptions): Promise<void> {
  if (name === byDefault) {
    throw new AppError('MODEL_IN_USE', `${name} is the default model; --force removes it`)
  }
  const call = { method: 'GET', path: ['v1', 'collections'] } as const
  const { models: _, ...place } = options
  const ask = withContract(place, { scope: 'read' }, ({ client }) => {
    return withRetries(() => client.list<CollectionStatus>('collections', 'name', call))
  })
  const collections = await ask.catch((error: unknown) => {
    // No data folder, no collection.
    if (hasCode(error, 'DATA_FOLDER_UNUSABLE')) return []
    throw error
  })
  const users = collections.filter(({ model }) => model === name).map((one) => one.name)
  if (users.length === 0) return
  throw new AppError(
    'MODEL_IN_USE',
    `${name} is the model of ${users.join(', ')}; --force removes it`,
  )
}
