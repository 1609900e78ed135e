import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { AppError } from '../errors.ts'
import type { App } from './app.ts'
import { createParser } from './schema-check.ts'
import { closed } from './schemas/type.ts'

const NoQuery = closed({})

/**
 * Checks the parameters in path and query of every call. One that describes no query takes none: an
 * unknown parameter is an error, never silence.
 */
export function registerParameterCheck(app: App): void {
  app.setValidatorCompiler(validatorCompiler)
  app.addHook('onRoute', ({ schema }) => {
    if (schema?.operationId !== undefined) schema.querystring ??= NoQuery
  })
}

/** Matches numbers below 1e21 as JavaScript writes them, so that a distance of an answer can be a radius. */
const NUMBER = /^-?\d{1,21}(\.\d{1,25})?(e-\d{1,3})?$/

/**
 * Text becomes a number only where the schema asks for one and the text is one. Bodies are left alone: their
 * readers check them, large ones in another thread.
 */
const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
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
    if (typeof text === 'string' && NUMBER.test(text)) input[name] = Number(text)
  }
  return input
}
