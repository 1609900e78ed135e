import { join } from 'node:path'
import type { Command } from 'commander'
import { readBundle } from '../../adapters/models-folder/read-bundle.ts'
import { type Flags, loadConfig } from '../../config/config.ts'
import { chooseOutput } from '../../embedding/choose-tensors.ts'
import { AppError } from '../../errors.ts'
import { sha256Of } from '../../files/sha256.ts'
import { type DeclaredValue, graphFacts } from '../../onnx/graph-facts.ts'
import { left, textTable } from '../../text-table.ts'
import { addSettings } from '../options.ts'
import { printResult } from '../terminal.ts'
import { readModelFiles } from './model-files.ts'

type Inspection = Awaited<ReturnType<typeof inspect>>

export function addInspectCommand(models: Command): void {
  const command = models
    .command('inspect')
    .summary('tell what is in a model')
    .description('Tells what is in a model or an ONNX file, and the preprocessing found beside it.')
    .argument('<name-or-file>', 'a model, or a path that ends in .onnx')
    .option('--json', 'print it as JSON')
  addSettings(command, ['models']).action(run)
}

async function run(model: string, options: Flags & { readonly json?: true }): Promise<void> {
  const { modelsFolder } = loadConfig(process.env, options)
  const inspection = await inspect(model, modelsFolder)
  printResult(options.json, inspection, () => tableOf(inspection))
}

async function inspect(model: string, modelsFolder: string) {
  if (!model.endsWith('.onnx')) {
    const { bundle, onnx } = await readBundle(join(modelsFolder, model))
    const { name: _input, layout: _layout, ...preprocessing } = bundle.input
    return {
      model: bundle.name,
      bytes: onnx.length,
      sha256: bundle.sha256,
      ...graphFacts(onnx),
      output: { value: bundle.output, fault: null },
      preprocessing: { value: preprocessing, fault: null },
    }
  }
  const files = await readModelFiles(model)
  const facts = graphFacts(files.onnx)
  return {
    model,
    bytes: files.onnx.length,
    sha256: sha256Of(files.onnx),
    ...facts,
    output: found(() => chooseOutput(facts, {}, files.config())),
    preprocessing: found(() => {
      const preprocessing = files.preprocessing()
      if (preprocessing !== null) return preprocessing
      throw new AppError('MODEL_INVALID', 'no preprocessor_config.json beside it')
    }),
  }
}

/** Gives a value, or why there is none. */
function found<T>(find: () => T) {
  try {
    return { value: find(), fault: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { value: null, fault: error.message }
  }
}

function tableOf(inspection: Inspection): string {
  const { bytes, sha256, opset, producer, nodes, parameters, externalFiles } = inspection
  const { inputs, outputs, output, preprocessing } = inspection
  return textTable({
    columns: [left(inspection.model), left('')],
    rows: [
      ['bytes', String(bytes)],
      ['sha256', sha256],
      ['opset', String(opset)],
      ['producer', producer === '' ? '-' : producer],
      ['nodes', String(nodes)],
      ['parameters', String(parameters)],
      ...inputs.map((input) => ['input', shape(input)]),
      ...outputs.map((value) => ['output', shape(value)]),
      ...externalFiles.map((file) => ['weights in', file]),
      ['embedding', output.fault ?? membersOf(output.value)],
      ['preprocessing', preprocessing.fault ?? membersOf(preprocessing.value)],
    ],
  })
}

function shape({ name, type, dims }: DeclaredValue): string {
  const sizes = dims === null ? 'any shape' : `[${dims.map((size) => size ?? '?').join(', ')}]`
  return `${name} ${type ?? 'no tensor'} ${sizes}`
}

function membersOf(value: object | null): string {
  const members = Object.entries(value ?? {}).map(([name, member]) => {
    const text = Array.isArray(member) ? member.map((n) => +n.toFixed(3)).join(', ') : member
    return `${name} ${text}`
  })
  return members.join('; ')
}
