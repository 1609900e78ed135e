import type { Command } from 'commander'
import { type Flags, loadConfig } from '../../config/config.ts'
import type { DeclaredValue } from '../../onnx/graph-facts.ts'
import { left, textTable } from '../../text-table.ts'
import { addSettings } from '../options.ts'
import { printResult } from '../terminal.ts'
import type { Inspection } from './inspect-model.ts'

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
  const { inspectModel } = await import('./inspect-model.ts')
  const inspection = await inspectModel(model, loadConfig(process.env, options))
  printResult(options.json, inspection, () => tableOf(inspection))
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
