import { AppError, type InputIssue } from '../errors.ts'
import { faultyNumbers, hasDoubtfulNumbers } from './json-numbers.ts'

const MAX_ISSUES = 16
const MAX_SHOWN = 60
const MOST = Number.MAX_SAFE_INTEGER

/**
 * Parses JSON as `JSON.parse` does, but refuses the numbers that would be others once read.
 *
 * @param bytes are the text in UTF-8.
 * @throws SyntaxError for text that is no JSON; INVALID_NUMBER that names each number and where it stands.
 */
export function parseExactJson(text: string, bytes: Uint8Array = Buffer.from(text)): unknown {
  const value: unknown = JSON.parse(text)
  if (hasDoubtfulNumbers(text, bytes)) checkNumbers(text)
  return value
}

/**
 * Says what is wrong with a number as JSON writes it: digits beyond 2^53 - 1, where not every integer has a number of
 * its own, and what would become infinite or 0. Null for all others, of which decimals are rounded to the nearest double.
 * With an exponent a number is a measure: it is rounded at any size.
 */
export function numeralFault(numeral: string): string | null {
  const value = Math.abs(Number(numeral))
  const wanted =
    value === Number.POSITIVE_INFINITY
      ? 'a number below 1.8e308'
      : value === 0 && /^[^eE]*[1-9]/.test(numeral)
        ? 'a number that is 0 or at least 5e-324'
        : value > MOST && !/[eE]/.test(numeral)
          ? `digits of a number from -${MOST} to ${MOST}, the largest that is exact`
          : null
  return wanted === null ? null : `expected ${wanted}, got ${cut(numeral)}: send it as text`
}

/** Makes the error of numbers that would change. */
export function inexactNumbers(issues: readonly InputIssue[]): AppError {
  const [first] = issues
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more, see errors)` : ''
  const message = `${first!.path || '/'}: ${first!.message}${more}`
  return new AppError('INVALID_NUMBER', message, { issues })
}

function checkNumbers(text: string): void {
  const issues: InputIssue[] = []
  for (const issue of faultyNumbers(text, numeralFault)) {
    issues.push(issue)
    if (issues.length === MAX_ISSUES) break
  }
  if (issues.length > 0) throw inexactNumbers(issues)
}

function cut(numeral: string): string {
  if (numeral.length <= MAX_SHOWN) return numeral
  return `${numeral.slice(0, MAX_SHOWN)}… (${numeral.length} characters)`
}
