import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { type Flags, loadConfig } from '../config/config.ts'
import { SETTING_NAMES } from '../config/settings.ts'
import { addCollectionsCommand } from './collections/collections-command.ts'
import { addCompletionCommand } from './completion/completion-command.ts'
import { addConfigCommand } from './config-command.ts'
import { addDuplicatesCommand } from './duplicates-command.ts'
import { addEvaluateCommand } from './evaluate/evaluate-command.ts'
import { addCalibrateCommand } from './identities/calibrate-command.ts'
import { addIdentifyCommand } from './identities/identify-command.ts'
import { addIdentitiesCommand } from './identities/identities-command.ts'
import { addObserveCommand } from './identities/observe-command.ts'
import { addVerifyCommand } from './identities/verify-command.ts'
import { addImportCommand } from './import-command.ts'
import { addIndexCommand } from './index/index-command.ts'
import { addJobsCommand } from './jobs/jobs-command.ts'
import { addModelsCommand } from './models/models-command.ts'
import { addSettings } from './options.ts'
import { addRecordsCommand } from './records/records-command.ts'
import { addSearchCommand } from './search/search-command.ts'
import { EXIT, reportFailure } from './terminal.ts'
import { addTrainCommand } from './train/train-command.ts'

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
  addRecordsCommand(program)
  addIdentifyCommand(program)
  addVerifyCommand(program)
  addObserveCommand(program)
  addCalibrateCommand(program)
  addIdentitiesCommand(program)
  addDuplicatesCommand(program)
  addImportCommand(program)
  addJobsCommand(program)
  addEvaluateCommand(program)
  addTrainCommand(program)
  addModelsCommand(program)
  addConfigCommand(program)
  addCompletionCommand(program)
  for (const command of program.commands) addVersion(command, version)
  addHelpCommand(program)
  return program
}

function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('Runs the service until SIGINT or SIGTERM. A flag wins over its variable.')
  addSettings(command, SETTING_NAMES).action(async (flags: Flags) => {
    const config = loadConfig(process.env, flags)
    const { serve } = await import('../main.ts')
    const { sayingWhoServes } = await import('./backend/local-backend.ts')
    await sayingWhoServes(config, () => serve(config))
  })
}

/** Replaces the help command of commander, which knows the first level of commands only. */
function addHelpCommand(program: Command): void {
  program
    .helpCommand(false)
    .command('help')
    .description('display help for command')
    .argument('[command...]')
    .action((names: readonly string[]) => {
      let found = program
      for (const name of names) {
        const inner = found.commands.find((command) => command.name() === name)
        if (inner === undefined) return found.help({ error: true })
        found = inner
      }
      found.help()
    })
}

/** Adds `--version` to a command and those below it; only the help of `lookalike` itself lists it. */
function addVersion(command: Command, version: string): void {
  command.version(version)
  command.options.at(-1)?.hideHelp()
  for (const inner of command.commands) addVersion(inner, version)
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
