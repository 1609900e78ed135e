import {
  type TObjectOptions,
  type TOptional,
  type TProperties,
  type TSchema,
  type TSchemaOptions,
  Type,
} from 'typebox'

export { Type }

/** Makes a closed object: a typo in a member's name is an error, never silence. */
export function closed<T extends TProperties>(properties: T, options: TObjectOptions = {}) {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

/** Makes a closed object of which every member may be left out. */
export function partial<T extends TProperties>(properties: T, options: TObjectOptions = {}) {
  const members = Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])
  return closed(Object.fromEntries(members) as { [K in keyof T]: TOptional<T[K]> }, options)
}

export function oneOf<const T extends readonly string[]>(values: T, description: string) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: values, description })
}

export function orNull<T extends TSchema>(schema: T, options: TSchemaOptions = {}) {
  return Type.Union([schema, Type.Null()], options)
}

/** Makes an integer of 1 to `maximum`. */
export function upTo(maximum: number, description?: string) {
  return Type.Integer({ minimum: 1, maximum, ...(description !== undefined && { description }) })
}
