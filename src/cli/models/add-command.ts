import { basename, dirname, extname, resolve } from 'node:path'
import type { Command } from 'commander'
import { checkFree } from '../../adapters/models-folder/write-bundle.ts'
import { type Flags, loadConfig } from '../../config/config.ts'
import { MODEL_NAME } from '../../embedding/embedder.ts'
import { AppError, shown } from '../../errors.ts'
import { addSettings, modelName } from '../options.ts'
import { printResult } from '../terminal.ts'
import { addModelOptions, type ModelOverrides, overridesOf } from './model-options.ts'

interface AddOptions extends Pick<Flags, 'models' | 'provider'>, ModelOverrides {
  readonly name?: string
  readonly licence: string
  readonly force?: true
  readonly json?: true
}

export function addAddCommand(models: Command): void {
  const command = models
    .command('add')
    .summary('make a model of an ONNX file')
    .description(
      'Makes a bundle of an ONNX file. Preprocessing comes from a preprocessor_config.json beside it, or from ' +
        'the options; the model is there once it has run.',
    )
    .argument('<file>', 'an ONNX file; weights in other files are taken in')
    .option('--name <name>', 'of the model (default: of the file, or of its folder)', modelName)
    .option('--licence <name>', 'of the model', 'not stated')
    .option('--force', 'replace a model of that name')
    .option('--json', 'print the description as JSON')
  addModelOptions(command)
  addSettings(command, ['models', 'provider']).action(run)
}

async function run(file: string, options: AddOptions): Promise<void> {
  const { models, provider, json, force, licence } = options
  const config = loadConfig(process.env, { models, provider })
  const name = options.name ?? nameOf(file)
  await checkFree(config.modelsFolder, name, { force: force === true })
  const { describedLines, makeBundle } = await import('./make-bundle.ts')
  const { readModelFiles } = await import('./model-files.ts')
  const files = await readModelFiles(file)
  const origin = { name, version: '1', licence, source: `file ${basename(file)}`, card: null }
  const bundle = await makeBundle(files, overridesOf(options), origin, config)
  printResult(json, bundle, () => describedLines(bundle))
}

/** Names a model for its file: `osnet.onnx` and `osnet/onnx/model.onnx` are osnet. */
function nameOf(file: string): string {
  const path = resolve(file)
  const ownName = basename(path, extname(path))
  const folder = basename(dirname(path)) === 'onnx' ? dirname(dirname(path)) : dirname(path)
  const name = ownName === 'model' ? basename(folder) : ownName
  if (MODEL_NAME.test(name)) return name
  const message = `expected --name, because ${shown(name)} is no name of a model`
  throw new AppError('INVALID_REQUEST', message)
}
