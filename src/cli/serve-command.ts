import type { Command } from 'commander'
import { type Flags, loadConfig } from '../config/config.ts'
import { SETTING_NAMES } from '../config/settings.ts'
import { addSettings } from './options.ts'

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('Runs the service until SIGINT or SIGTERM. A flag wins over its variable.')
  addSettings(command, SETTING_NAMES).action(run)
}

async function run(flags: Flags): Promise<void> {
  const config = loadConfig(process.env, flags)
  const { serve } = await import('../main.ts')
  await serve(config)
}
