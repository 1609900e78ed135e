import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addCollectionsCommand } from './collections-command.ts'
import { addConfigCommand } from './config-command.ts'
import { addEvaluateCommand } from './evaluate-command.ts'
import { EXIT, reportFailure } from './failure.ts'
import { addIndexCommand } from './index-command.ts'
import { addModelsCommand } from './models/models-command.ts'
import { addSearchCommand } from './search-command.ts'
import { addServeCommand } from './serve-command.ts'
import { addTrainCommand } from './train-command.ts'

// Compiled, this file lies in dist/src/cli.
const PACKAGE = new URL('../../../package.json', import.meta.url)

function buildProgram(): Command {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
  const program = new Command('lookalike')
    .description(
      'Image similarity search. Exit status: 0 done, 1 failed, 2 wrong usage, 3 done with some images refused.',
    )
    .version(version)
    // What follows the name of a command is its own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, 'lookalike:')),
    })
  addServeCommand(program)
  addIndexCommand(program)
  addSearchCommand(program)
  addCollectionsCommand(program)
  addEvaluateCommand(program)
  addTrainCommand(program)
  addModelsCommand(program)
  addConfigCommand(program)
  return program
}

// `lookalike search … | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.exit(reportFailure(error, process.env))
})
try {
  await buildProgram().parseAsync()
} catch (error) {
  process.exitCode = reportFailure(error, process.env)
}
