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
  /** Whether counts stand for others of their sign, and rates for others near them: those of trainings differ between processors. */
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
/** How far a rate may be from the one that is shown where numbers stand for others. */
const RATES_APART = 0.5
const RATE = /^[-+]?[01]\.\d{2,}$/
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
  const read = isJson ? jsonTokens : textTokens
  const [wanted, got] = [read(shown), read(printed)]
  const pairs = paired(wanted, got, (one, other) => {
    return isAsShown(one, other) || (anyNumber && isAlike(one.text, other.text))
  })
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
function paired(
  wanted: readonly Token[],
  got: readonly Token[],
  isAs: (shown: Token, printed: Token) => boolean,
) {
  let found: (readonly [Token, Token])[] = []
  let [at, of] = [0, 0]
  let reached = 0
  let star: { readonly at: number; of: number; readonly found: typeof found } | null = null
  while (of < got.length) {
    const token = wanted[at]
    if (token?.text === '…') {
      at++
      star = { at, of, found: [...found] }
    } else if (token !== undefined && isAs(token, got[of]!)) {
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

/** Says whether two texts differ in numbers alone: rates that are near, and counts of one sign. */
function isAlike(shown: string, printed: string): boolean {
  const [pattern, text] = [shown, printed].map((one) => one.replace(ANY_NUMBER, '0')) as [
    string,
    string,
  ]
  if (!patternOf(pattern).test(text)) return false
  // What stands for `…` has numbers of its own.
  if (shown.includes('…')) return true
  const [wanted, got] = [shown, printed].map((one) => one.match(ANY_NUMBER) ?? [])
  return wanted!.every((number, i) => {
    const [a, b] = [Number(number), Number(got![i])]
    if (RATE.test(number)) return Math.abs(a - b) <= RATES_APART
    // A percentage may lie on either side of 0.
    return number.includes('.') || a * b >= 0
  })
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
