import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { isFinished } from '../../collection/jobs/job.ts'
import type { CollectionStatus } from '../../collection/requests.ts'
import { loadConfig } from '../../config/config.ts'
import { MODEL_NAME } from '../../embedding/embedder.ts'
import type { StoredGeneration } from '../../engine/generation.ts'
import { AppError, shown } from '../../errors.ts'
import { hasCode, withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import type { JobReport } from '../jobs/follow-job.ts'

/** Jobs that load a model when it is their turn, which a job does not name for programs. */
const NEED_MODELS: readonly string[] = ['reembed', 'training']

interface RemoveOptions extends BackendOptions {
  readonly force?: true
}

export function addRemoveCommand(models: Command): void {
  const command = models
    .command('remove')
    .summary('delete a model')
    .description(
      'Deletes a model from the models folder of this machine. One stays that collections of the data folder, or of the service at --url, have, that made vectors which they keep, or that an unfinished job may need.',
    )
    .argument('<name>', 'a model')
    .option('--force', 'also the default model, and without asking what needs it')
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

/** @throws MODEL_IN_USE for the default model, that of any vectors of a collection, and while a job runs that may need it. */
async function checkUnused(name: string, byDefault: string, options: RemoveOptions): Promise<void> {
  if (name === byDefault) throw inUse(`${name} is the default model`)
  const { models: _, ...place } = options
  const check = withContract(place, { scope: 'read' }, async ({ client }) => {
    const get = (path: readonly string[]) => ({ method: 'GET', path: ['v1', ...path] }) as const
    const collections = await withRetries(() =>
      client.list<CollectionStatus>('collections', 'name', get(['collections'])),
    )
    const users = collections.filter(({ model }) => model === name).map((one) => one.name)
    if (users.length > 0) throw inUse(`${name} is the model of ${users.join(', ')}`)
    for (const { name: collection } of collections) {
      const path = get(['collections', collection, 'generations'])
      const generations = await withRetries(() =>
        client.list<StoredGeneration>('generations', 'model', path),
      )
      const found = generations.find(({ model }) => model === name)
      if (found === undefined) continue
      throw inUse(`${name} is the model of generation ${found.generation} of ${collection}`)
    }
    const jobs = await withRetries(() => client.list<JobReport>('jobs', 'progress', get(['jobs'])))
    const busy = jobs.find((job) => NEED_MODELS.includes(job.kind) && !isFinished(job))
    if (busy === undefined) return
    throw inUse(`the job ${busy.id} (${busy.kind}: ${busy.about}) may need ${name}: wait for it`)
  })
  await check.catch((error: unknown) => {
    // No data folder, no collection.
    if (!hasCode(error, 'DATA_FOLDER_UNUSABLE')) throw error
  })
}

function inUse(reason: string): AppError {
  return new AppError('MODEL_IN_USE', `${reason}; --force removes it`)
}
