import assert from 'node:assert/strict'

/*
 * Compares what a command prints with what a document shows. These may differ:
 *
 * - `…` in the document stands for anything, also within a string; behind digits, for a number within a fifth;
 * - white space and commas of JSON;
 * - lines of progress;
 * - times, dates, and what a member named …Ms, `memory` or `disk` has;
 * - numbers with a decimal point in the third digit: processors round differently;
 * - whole numbers of five digits or more, sizes in bytes, by a tenth;
 * - ids that the service makes, and cursors: but each is the same wherever the document shows it again.
 */

/** Values that the document shows, by which the service gave in their place. */
export type Given = Map<string, string>

export interface Comparison {
  readonly given: Given
  /** Whether any number is as good as another: those of trainings differ between processors. */
  readonly anyNumber: boolean
  /** What is compared, for people. */
  readonly about: string
}

interface Token {
  readonly text: string
  /** The member of an object that it is the value of, or the line is about. */
  readonly member: string | null
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/
const DATE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
const SECONDS = /(?<![\w.])\d+(?:\.\d+)? (m?s)\b/g
const PROGRESS = /^(?:\d+ of \d+ images?,.*|making the data folder.*)\n/gm
const ANY_NUMBER = /[-+]?\d+(?:\.\d+)?/g
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const ABOUT = /^\d+(?:\.\d*)?…$/
const MADE = new Set(['cursor', 'requestId'])
const VARIES = /^(?:.*Ms|memory|disk)$/

/** Asserts that a command printed what the document shows, and notes the values given. */
export function assertAsShown(
  printed: string,
  shown: string,
  { given, anyNumber, about }: Comparison,
): void {
  const isJson = /^(?:… *)?[[{"]/.test(shown)
  const read = (text: string) => {
    return (isJson ? jsonTokens : textTokens)(anyNumber ? text.replace(ANY_NUMBER, '0') : text)
  }
  const [wanted, got] = [read(shown), read(printed)]
  const pairs = paired(wanted, got)
  if ('reached' in pairs) {
    const next = wanted.slice(pairs.reached, pairs.reached + 12)
    const where = next.map(({ text }) => text).join(' ')
    assert.fail(
      `${about}\nis not as shown from here: ${where}\n\nprinted:\n${printed}\n\nshown:\n${shown}`,
    )
  }
  for (const [shownToken, printedToken] of pairs.found) note(shownToken, printedToken, given)
}

/** Pairs tokens as a pattern with `…` for any number of them. */
function paired(wanted: readonly Token[], got: readonly Token[]) {
  let found: (readonly [Token, Token])[] = []
  let [at, of] = [0, 0]
  let reached = 0
  let star: { readonly at: number; of: number; readonly found: typeof found } | null = null
  while (of < got.length) {
    const token = wanted[at]
    if (token?.text === '…') {
      at++
      star = { at, of, found: [...found] }
    } else if (token !== undefined && isAsShown(token, got[of]!)) {
      found.push([token, got[of]!])
      at++
      of++
    } else if (star !== null) {
      star.of++
      ;[at, of, found] = [star.at, star.of, [...star.found]]
    } else return { reached: at }
    reached = Math.max(reached, at)
  }
  while (wanted[at]?.text === '…') at++
  return at === wanted.length ? { found } : { reached }
}

function isAsShown(shown: Token, printed: Token): boolean {
  if (shown.text === printed.text) return true
  if (shown.member !== printed.member) return false
  if (NUMBER.test(shown.text) && NUMBER.test(printed.text)) {
    if (VARIES.test(shown.member ?? '')) return true
    const [wanted, got] = [Number(shown.text), Number(printed.text)]
    const apart = Math.abs(wanted - got)
    if (!Number.isInteger(wanted) || !Number.isInteger(got))
      return apart <= 0.002 + 0.002 * Math.abs(wanted)
    return wanted >= 10_000 && apart <= wanted / 10
  }
  if (ABOUT.test(shown.text)) {
    const wanted = Number.parseFloat(shown.text)
    return Math.abs(Number(printed.text) - wanted) <= wanted / 5
  }
  if (shown.member !== null && MADE.has(shown.member)) return printed.text.startsWith('"')
  return patternOf(shown.text).test(printed.text)
}

/** Makes a pattern of a text with `…` or with an id that the service makes. */
function patternOf(text: string): RegExp {
  const escaped = text.split(new RegExp(`(…|${UUID.source})`)).map((part) => {
    if (part === '…') return '.*'
    return UUID.test(part) ? UUID.source : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${escaped.join('')}$`, 's')
}

function note(shown: Token, printed: Token, given: Given): void {
  const [id, made] = [UUID.exec(shown.text)?.[0], UUID.exec(printed.text)?.[0]]
  if (id !== undefined && made !== undefined) {
    assert.equal(given.get(id) ?? made, made, `the id ${id} of the document is two`)
    given.set(id, made)
  } else if (shown.member !== null && MADE.has(shown.member) && shown.text.startsWith('"')) {
    given.set(shown.text.slice(1, -1), printed.text.slice(1, -1))
  }
}

function withoutTimes(text: string): string {
  return text.replace(DATE, 'DATE').replace(SECONDS, '0 $1')
}

function textTokens(text: string): readonly Token[] {
  const lines = withoutTimes(text).replace(PROGRESS, '')
  const words = lines.split(/\s+/).filter((word) => word !== '')
  return words.map((word) => ({ text: word, member: null }))
}

function jsonTokens(text: string): readonly Token[] {
  const parts =
    withoutTimes(text).match(/"(?:[^"\\]|\\.)*"|[{}[\]:]|…|\d[\d.]*…|[^\s{}[\]:",…]+/g) ?? []
  const tokens: Token[] = []
  let member: string | null = null
  for (const [at, part] of parts.entries()) {
    if (parts[at + 1] === ':') member = part.slice(1, -1)
    const isValue = parts[at - 1] === ':'
    tokens.push({ text: part, member: isValue ? member : null })
  }
  return tokens
}
