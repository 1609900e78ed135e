import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { AppError, type InputIssue, shown } from '../errors.ts'

const MAX_ISSUES = 16

/** The part of JSON Schema that our schemas are written in. */
interface JsonSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

type Check = (value: unknown, path: string, issues: InputIssue[]) => void

/**
 * Makes a parser of untrusted values. It reports up to 16 problems at once and looks no further after
 * them: a list of a million wrong items costs no more than one of sixteen.
 *
 * @throws INVALID_REQUEST with the issues, each with the value received and the one expected.
 */
export function createParser<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  const check = checkOf(schema as JsonSchema)
  return (value) => {
    const issues: InputIssue[] = []
    check(value, '', issues)
    if (issues.length > 0) throw invalid(issues)
    return value as Static<S>
  }
}

function checkOf(schema: JsonSchema): Check {
  if (schema.type === 'object') return objectCheck(schema)
  if (schema.type === 'array') return arrayCheck(schema)
  if (schema.anyOf?.some(({ type }) => type === 'array')) return listOrElseCheck(schema)
  const compiled = Compile(schema as TSchema)
  return (value, path, issues) => {
    if (!compiled.Check(value)) issues.push({ path, message: mismatch(schema, value) })
  }
}

function objectCheck(schema: JsonSchema): Check {
  const members = new Map(
    Object.entries(schema.properties ?? {}).map(([name, member]) => [name, checkOf(member)]),
  )
  const closed = schema.additionalProperties === false
  return (value, path, issues) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      issues.push({ path, message: mismatch(schema, value) })
      return
    }
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) {
        issues.push({ path: `${path}/${name}`, message: 'expected this member, it is missing' })
      }
    }
    if (members.size === 0 && !closed) return
    for (const name of Object.keys(value)) {
      if (issues.length >= MAX_ISSUES) return
      const check = members.get(name)
      if (check !== undefined) {
        check((value as Record<string, unknown>)[name], `${path}/${name}`, issues)
      } else if (closed) {
        issues.push({ path: `${path}/${pointerToken(name)}`, message: unknownMember(members) })
      }
    }
  }
}

function arrayCheck(schema: JsonSchema): Check {
  const check = checkOf(schema.items ?? {})
  const compiled = Compile(schema as TSchema)
  return (value, path, issues) => {
    // Checking item by item costs ten times as much, and names what is wrong.
    const fits: boolean = compiled.Check(value)
    if (fits) return
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
    if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) {
      issues.push({ path, message: mismatch(schema, value) })
      return
    }
    for (let i = 0; i < value.length && issues.length < MAX_ISSUES; i++) {
      check(value[i], `${path}/${i}`, issues)
    }
    if (schema.uniqueItems === true && new Set(value).size !== value.length) {
      issues.push({ path, message: 'expected each item once, got one twice' })
    }
  }
}

/** Names the faults inside a list item by item; anything else is a value that no alternative takes. */
function listOrElseCheck(schema: JsonSchema): Check {
  const list = checkOf(schema.anyOf!.find(({ type }) => type === 'array')!)
  const compiled = Compile(schema as TSchema)
  return (value, path, issues) => {
    if (Array.isArray(value)) list(value, path, issues)
    else if (!compiled.Check(value)) issues.push({ path, message: mismatch(schema, value) })
  }
}

function mismatch(schema: JsonSchema, value: unknown): string {
  return `expected ${expectation(schema)}, got ${describe(value)}`
}

function expectation(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(expectation).join(' or ')
  if (schema.enum !== undefined) {
    return `one of ${schema.enum.map((item) => JSON.stringify(item)).join(', ')}`
  }
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  switch (schema.type) {
    case 'integer':
      return `an integer${range(minimum, maximum)}`
    case 'number':
      return `a finite number${range(minimum, maximum)}`
    case 'string':
      return `a string${range(minLength, maxLength, ' characters')}`
    case 'array':
      return `a list${range(minItems, maxItems, ' items')}`
    case 'object':
      return 'an object'
    default:
      return schema.type ?? 'a value'
  }
}

function range(from: number | undefined, to: number | undefined, unit = ''): string {
  if (from !== undefined && to !== undefined) return ` of ${from} to ${to}${unit}`
  if (from !== undefined) return ` of at least ${from}${unit}`
  return to === undefined ? '' : ` of at most ${to}${unit}`
}

/** Never gives the text of a list or object: it may be long, or nested too deep to write down. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return `a list of ${value.length} items`
  return typeof value === 'object' ? 'an object' : shown(value)
}

function unknownMember(members: ReadonlyMap<string, Check>): string {
  const known = [...members.keys()].join(', ')
  return `unknown member; expected ${known === '' ? 'none' : `only ${known}`}`
}

function pointerToken(name: string): string {
  return name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')
}

function invalid(issues: readonly InputIssue[]): AppError {
  const [first] = issues
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more, see errors)` : ''
  return invalidRequest(`${first!.path || '/'}: ${first!.message}${more}`, { issues })
}

/** Makes the error of input that no call takes. */
export function invalidRequest(
  message: string,
  options: { cause?: unknown; issues?: readonly InputIssue[] } = {},
): AppError {
  return new AppError('INVALID_REQUEST', message, options)
}
