import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { inexactNumbers, numeralFault } from '../engine/exact-json.ts'
import { AppError } from '../errors.ts'
import { createParser } from './schema-check.ts'

/** Matches numbers as JavaScript writes them, so that a distance of an answer can be a radius, and `.5` and `1E3`. */
const NUMBER = /^-?(\d{1,21}(\.\d{0,25})?|\.\d{1,25})(e[+-]?\d{1,3})?$/i

/**
 * Makes the check of the parameters in path and query of a call. Text becomes a number only where the schema
 * asks for one and the text is one. Bodies are left alone: their readers check them, large ones in another thread.
 */
export const parameterCheck: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  if (httpPart === 'body') return () => true
  const parse = createParser(schema)
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  const numeric = Object.keys(properties).filter((name) =>
    ['integer', 'number'].includes(properties[name]!.type ?? ''),
  )
  return (input: unknown) => {
    try {
      return { value: parse(withNumbers(input as Record<string, unknown>, numeric)) }
    } catch (error) {
      if (error instanceof AppError) return { error }
      throw error
    }
  }
}

function withNumbers(input: Record<string, unknown>, names: readonly string[]) {
  for (const name of names) {
    const text = input[name]
    if (typeof text !== 'string' || !NUMBER.test(text)) continue
    const message = numeralFault(text)
    if (message !== null) throw inexactNumbers([{ path: `/${name}`, message }])
    input[name] = Number(text)
  }
  return input
}
