import { readFileSync } from 'node:fs'

/** An example of a document that a reader can paste: a command of a shell, or a program. */
export interface Example {
  readonly document: string
  /** Of its first line, from 1. */
  readonly line: number
  /** A mention is a command in backticks, or a summary of options. */
  readonly kind: 'command' | 'mention' | 'javascript' | 'python'
  readonly text: string
  /** What the document says that it prints; empty where it says nothing. */
  readonly shown: string
}

/** Words with which a command of our documents begins, after any variables. */
const COMMAND =
  /^(?:[A-Z_]+=\S+ )*(?:npx|npm|node|lookalike|curl|docker|docker\/\S+|pip|python3?|sqlite3|export|openapi-python-client|schemathesis|rate|tar|mkdir|echo) \S/

/** How a program in JavaScript or Python begins. */
const PROGRAM = /^ {4}(?:import .* from '|from \S+ import )/

interface Line {
  readonly number: number
  readonly text: string
}

/** Gives the examples of a document in their order: those of indented blocks, then commands in backticks. */
export function examplesOf(document: string): readonly Example[] {
  const lines = readFileSync(document, 'utf8').split('\n')
  const { blocks, prose } = partsOf(lines.map((text, at) => ({ number: at + 1, text })))
  return [
    ...blocks.flatMap((block) => examplesOfBlock(document, block)),
    ...prose.flatMap(({ number, text }) => {
      const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span)
      return spans
        .filter((span) => COMMAND.test(span))
        .map((text) => ({ document, line: number, kind: 'mention' as const, text, shown: '' }))
    }),
  ]
}

/** Parts a document into indented blocks and the rest. A block begins after an empty line, as in Markdown. */
function partsOf(lines: readonly Line[]) {
  const blocks: Line[][] = []
  const prose: Line[] = []
  let before: 'empty' | 'code' | 'prose' = 'empty'
  for (const line of lines) {
    const isEmpty = line.text.trim() === ''
    const isCode: boolean = line.text.startsWith('    ') && before !== 'prose'
    if (isCode && !isEmpty) {
      const isNew = before === 'empty' && (PROGRAM.test(line.text) || !goesOn(blocks, prose, line))
      if (isNew) blocks.push([])
      blocks.at(-1)?.push({ number: line.number, text: line.text.slice(4) })
    } else if (!isEmpty) prose.push(line)
    if (isEmpty) before = 'empty'
    else before = isCode ? 'code' : 'prose'
  }
  return { blocks, prose }
}

/** Says whether only empty lines lie between a block and a line of code. */
function goesOn(blocks: readonly Line[][], prose: readonly Line[], line: Line): boolean {
  const lastCode = blocks.at(-1)?.at(-1)?.number ?? 0
  const lastProse = prose.at(-1)?.number ?? 0
  return lastCode > lastProse && line.number > lastCode
}

function examplesOfBlock(document: string, block: readonly Line[]): readonly Example[] {
  const [first] = block
  if (first === undefined) return []
  const text = block.map((line) => line.text).join('\n')
  const program = { document, line: first.number, text, shown: '' }
  if (/^(?:import .* from '|const \w+ = )/.test(text)) return [{ ...program, kind: 'javascript' }]
  if (/^(?:from \S+ import|import \w+$)/m.test(first.text)) return [{ ...program, kind: 'python' }]
  return commandsOf(document, block)
}

/** Reads the commands of a block: lines behind `$ `, or where there are none, lines that begin as commands do. */
function commandsOf(document: string, block: readonly Line[]): readonly Example[] {
  const prompted = block.some(({ text }) => text.trimStart().startsWith('$ '))
  const begins = ({ text }: Line) =>
    prompted ? text.trimStart().startsWith('$ ') : COMMAND.test(text)
  const found: Example[] = []
  let at = 0
  while (at < block.length) {
    const line = block[at]!
    at++
    if (!begins(line)) continue
    let text = line.text.trimStart().replace(/^\$ /, '')
    while (at < block.length && isOpen(text)) text += `\n${block[at++]!.text}`
    const shown: string[] = []
    while (at < block.length && !begins(block[at]!)) shown.push(block[at++]!.text)
    const kind = text.includes('[--') ? 'mention' : 'command'
    found.push({ document, line: line.number, kind, text, shown: shown.join('\n').trim() })
  }
  return found
}

/** Says whether a command continues on the next line. */
function isOpen(command: string): boolean {
  return /[\\|]$/.test(command) || (command.match(/'/g)?.length ?? 0) % 2 === 1
}
