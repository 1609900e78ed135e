import type { InputIssue } from '../errors.ts'

/** An integer of 15 digits is always exact. */
const DOUBTFUL_DIGITS = 16
/** Some 200 digits may become infinite or 0 without a long exponent. A number that is meant has fewer than these. */
const MOST_DIGITS = 48
/** Going from one letter e to the next pays where they are rare, as in lists of numbers. */
const MOST_LETTERS = 10_000
const MAX_TOKEN_LENGTH = 100
const MAX_PATH_LENGTH = 400

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Tells whether a JSON text may have numbers that are others once read, at a small part of the cost of parsing it.
 *
 * @param bytes are the text in UTF-8: looking at them takes half the time.
 */
export function hasDoubtfulNumbers(text: string, bytes: Uint8Array): boolean {
  return hasManyDigits(bytes) || hasLongExponent(text)
}

/** Tells whether a number begins with 16 digits, one of which is at each 16th place, or very many stand together. */
function hasManyDigits(bytes: Uint8Array): boolean {
  for (let at = DOUBTFUL_DIGITS - 1; at < bytes.length; at += DOUBTFUL_DIGITS) {
    if (!isDigit(bytes[at]!)) continue
    let before = at - 1
    while (isDigit(bytes[before]!)) before--
    // So no digit is passed more than a few times, however many there are.
    if (at - before > MOST_DIGITS) return true
    // Decimals are rounded, and digits behind a quote or a letter are text.
    if (bytes[before] === POINT || !mayBegin(bytes, before)) continue
    let end = at + 1
    while (isDigit(bytes[end]!)) end++
    if (end - before > DOUBTFUL_DIGITS) return true
  }
  return false
}

/** Tells whether a number may begin behind this byte. */
function mayBegin(bytes: Uint8Array, before: number): boolean {
  const letter = bytes[before] === MINUS ? bytes[before - 1] : bytes[before]
  if (letter === undefined || letter <= SPACE) return true
  return letter === COLON || letter === COMMA || letter === OPEN_LIST
}

/** Tells whether an exponent has three digits or more, or a text has what looks like one. */
function hasLongExponent(text: string): boolean {
  for (const letter of ['e', 'E']) {
    let found = 0
    for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) {
      if (isDigitAt(text, at - 1) && /^.[-+]?\d{3}/.test(text.slice(at, at + 5))) return true
      if (++found === MOST_LETTERS) return /\d[eE][-+]?\d{3}/.test(text)
    }
  }
  return false
}

/**
 * Gives the numbers of a JSON text that are at fault, in their order.
 *
 * @param text is JSON: it was parsed.
 * @param faultOf says what is wrong with a number as it is written, or null; it is asked about doubtful ones.
 */
export function* faultyNumbers(
  text: string,
  faultOf: (numeral: string) => string | null,
): Generator<InputIssue> {
  /** The member or the position that is open at each level: where its name stands in the text, or a number. */
  const open: (Span | number)[] = []
  let string: Span = { start: 0, end: 0 }
  for (let at = 0; at < text.length; ) {
    const letter = text.charCodeAt(at)
    if (letter === QUOTE) {
      string = { start: at, end: stringEnd(text, at) }
      at = string.end
      continue
    }
    if (letter === MINUS || isDigit(letter)) {
      const { end, isDoubtful } = numeralFrom(text, at)
      const message = isDoubtful ? faultOf(text.slice(at, end)) : null
      if (message !== null) yield { path: pointer(text, open), message }
      at = end
      continue
    }
    if (letter === OPEN_OBJECT) open.push(string)
    else if (letter === OPEN_LIST) open.push(0)
    else if (letter === CLOSE_OBJECT || letter === CLOSE_LIST) open.pop()
    else if (letter === COLON) open[open.length - 1] = string
    else if (letter === COMMA) {
      const last = open.at(-1)
      if (typeof last === 'number') open[open.length - 1] = last + 1
    }
    at++
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Tells whether it is the code of a digit, told by one comparison; nothing is none. */
function isDigit(letter: number): boolean {
  return (letter ^ ZERO) < 10
}

function isDigitAt(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at))
}

/** Gives the place behind the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let letters = quote
    while (text.charCodeAt(letters - 1) === BACKSLASH) letters--
    if ((quote - letters) % 2 === 0) return quote + 1
  }
}

function numeralFrom(text: string, start: number): { end: number; isDoubtful: boolean } {
  let end = start + 1
  let point = -1
  let hasExponent = false
  for (; end < text.length; end++) {
    const letter = text.charCodeAt(end)
    if (letter === POINT) point = end
    else if ((letter | 0x20) === 0x65) hasExponent = true
    else if (!isDigit(letter) && letter !== MINUS && letter !== 0x2b) break
  }
  const whole = (point < 0 ? end : point) - start
  return { end, isDoubtful: hasExponent || whole >= DOUBTFUL_DIGITS || end - start > MOST_DIGITS }
}

function pointer(text: string, open: readonly (Span | number)[]): string {
  const names = open.map((step) => {
    if (typeof step === 'number') return String(step)
    const name = JSON.parse(text.slice(step.start, step.end)) as string
    return name.slice(0, MAX_TOKEN_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1')
  })
  const path = names.map((name) => `/${name}`).join('')
  return path.length <= MAX_PATH_LENGTH ? path : `${path.slice(0, MAX_PATH_LENGTH)}…`
}
