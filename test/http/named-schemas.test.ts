import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withNamedSchemas } from '../../src/http/named-schemas.ts'

interface Named {
  readonly paths: unknown
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> }
}

function named(paths: object): Named {
  return withNamedSchemas({ paths }) as Named
}

const cat = { title: 'Cat', type: 'object', properties: { name: { type: 'string' } } }
const reference = { $ref: '#/components/schemas/Cat' }

test('a titled schema is there once, and referred to', () => {
  const document = { components: { securitySchemes: {} }, paths: { a: cat, b: { items: cat } } }
  assert.deepEqual(withNamedSchemas(document), {
    components: {
      securitySchemes: {},
      schemas: { Cat: { type: 'object', properties: { name: { type: 'string' } } } },
    },
    paths: { a: reference, b: { items: reference } },
  })
})

test('a titled schema within another is referred to from there', () => {
  const owner = { title: 'Owner', type: 'object', properties: { cat } }
  const { components } = named({ owner })
  assert.deepEqual(components.schemas.Owner, { type: 'object', properties: { cat: reference } })
})

test('two schemas of one title are an error', () => {
  const other = { title: 'Cat', type: 'string' }
  assert.throws(() => named({ cat, other }), /titled Cat, got two/)
})

test('a title among data, or as the name of a member, is left alone', () => {
  const schema = {
    type: 'object',
    properties: { title: { type: 'string' } },
    examples: [{ title: 'Not found' }],
  }
  const { paths, components } = named({ schema })
  assert.deepEqual([paths, components.schemas], [{ schema }, {}])
})

test('an object with exactly one of some members is a choice of objects', () => {
  const source = {
    title: 'Source',
    type: 'object',
    properties: { url: { type: 'string' }, data: { type: 'string' }, name: { type: 'string' } },
    oneMemberOf: [['url'], ['data']],
    required: ['name'],
    additionalProperties: false,
  }
  const { schemas } = named({ source }).components
  assert.deepEqual(schemas.Source?.oneOf, [
    { $ref: '#/components/schemas/SourceOfUrl' },
    { $ref: '#/components/schemas/SourceOfData' },
  ])
  const { required, properties, additionalProperties } = schemas.SourceOfUrl!
  assert.deepEqual(
    [required, Object.keys(properties as object), additionalProperties],
    [['name', 'url'], ['url', 'name'], false],
  )
})
