import type { Command } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** A command by its words, with what may follow them. */
interface Line {
  readonly words: string
  readonly next: readonly string[]
}

/**
 * Writes a script for a shell that completes the names of commands and options, and else files. It asks for nothing while somebody
 * types: all names are in it, so it is made again after an upgrade.
 */
export function completionScript(program: Command, shell: Shell): string {
  const lines = linesOf(program, program.name())
  return shell === 'fish' ? fishScript(lines) : bashScript(lines, shell)
}

function linesOf(command: Command, words: string): readonly Line[] {
  const inner = command.commands.map((one) => one.name())
  const options = command.options.filter(({ hidden }) => !hidden)
  const flags = options.flatMap(({ long, short }) => long ?? short ?? [])
  const own = { words, next: [...inner, ...flags, '--help'] }
  return [own, ...command.commands.flatMap((one) => linesOf(one, `${words} ${one.name()}`))]
}

/** zsh runs it as bash does, by its own `bashcompinit`. */
function bashScript(lines: readonly Line[], shell: 'bash' | 'zsh'): string {
  const cases = lines.map(({ words, next }) => `    '${words}') next='${next.join(' ')}' ;;`)
  const start =
    shell === 'zsh'
      ? 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n'
      : ''
  return `${start}_lookalike() {
  local chain=lookalike word next=''
  # The longest command that the words before the cursor name.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " ${lines.map(({ words }) => words.replaceAll(' ', '/')).join(' ')} " in
      *" \${chain// //}/$word "*) chain="$chain $word" ;;
    esac
  done
  case "$chain" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -o bashdefault -F _lookalike lookalike
`
}

function fishScript(lines: readonly Line[]): string {
  const rules = lines.flatMap(({ words, next }) => {
    const [, ...given] = words.split(' ')
    const within = given.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
    return `complete -c lookalike -n '${within || '__fish_use_subcommand'}' -a '${next.join(' ')}'`
  })
  return `${rules.join('\n')}\n`
}
