import { Argument, type Command } from 'commander'
import { completionScript, SHELLS } from './completion-script.ts'

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .summary('print a script that completes commands and options in a shell')
    .description(
      'Prints a script for a shell. bash: eval "$(lookalike completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc; ' +
        'fish: lookalike completion fish > ~/.config/fish/completions/lookalike.fish',
    )
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => {
      process.stdout.write(completionScript(program, shell))
    })
}
