/** Writes the schemas of an OpenAPI document as types of Python: objects are TypedDicts, choices of texts Literals. */
export function pythonTypes({ components: { schemas }, paths }) {
  const declared = []

  /** The type of a schema; what it needs is declared under names that begin with `name`. */
  function typeOf(schema, name) {
    if (schema.$ref) return schema.$ref.split('/').at(-1)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) {
      const types = choices.map((choice, i) =>
        typeOf(choice, choices.length > 2 ? `${name}${i + 1}` : name),
      )
      return [...new Set(types)].join(' | ')
    }
    if (schema.enum)
      return `Literal[${schema.enum.map((value) => JSON.stringify(value)).join(', ')}]`
    if (schema.const !== undefined) return `Literal[${JSON.stringify(schema.const)}]`
    if (schema.type === 'array') return `list[${typeOf(schema.items, `${name}Item`)}]`
    if (schema.type === 'object') return objectOf(schema, name)
    return (
      { string: 'str', integer: 'int', number: 'float', boolean: 'bool', null: 'None' }[
        schema.type
      ] ?? 'Any'
    )
  }

  function objectOf({ properties, required = [], additionalProperties, description }, name) {
    if (!properties) {
      const isSchema = typeof additionalProperties === 'object'
      return `dict[str, ${isSchema ? typeOf(additionalProperties, `${name}Value`) : 'Any'}]`
    }
    const members = Object.entries(properties).map(([member, schema]) => {
      const type = typeOf(schema, name + pascal(member))
      return { member, type: required.includes(member) ? type : `NotRequired[${type}]` }
    })
    const plain = members.every(({ member }) => /^[a-z]\w*$/i.test(member) && !KEYWORDS.has(member))
    if (plain) {
      const lines = members.map(({ member, type }) => `    ${member}: ${type}`)
      const text =
        description && `    """${description.replaceAll('\\', '\\\\').replaceAll(/\s+/g, ' ')}"""\n`
      declared.push(
        `class ${name}(TypedDict):\n${text ? `${text}\n` : ''}${lines.join('\n') || (text ? '' : '    pass')}\n`,
      )
    } else {
      const lines = members.map(
        ({ member, type }) => `        ${JSON.stringify(member)}: ${JSON.stringify(type)},`,
      )
      declared.push(`${name} = TypedDict(\n    "${name}",\n    {\n${lines.join('\n')}\n    },\n)\n`)
    }
    return name
  }

  function declare(schema, name) {
    const type = typeOf(schema, name)
    if (type !== name) declared.push(`${name}: TypeAlias = ${JSON.stringify(type)}\n`)
  }

  for (const [name, schema] of Object.entries(schemas)) declare(schema, name)
  for (const { operationId, responses } of Object.values(paths).flatMap((methods) =>
    Object.values(methods),
  )) {
    const status = Object.keys(responses).find((one) => one.startsWith('2'))
    const schema = responses[status]?.content?.['application/json']?.schema
    if (schema && !schema.$ref) declare(schema, `${pascal(operationId)}Answer`)
  }
  const names = declared.map((text) => /^(?:class )?(\w+)/.exec(text)[1])
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice) throw new Error(`expected one type named ${twice}, got two`)
  return `from __future__ import annotations\n\nfrom typing import Any, Literal, NotRequired, TypeAlias, TypedDict\n\n\n${declared.join('\n\n')}`
}

/** Words of Python that no member of a class can be named. */
const KEYWORDS = new Set([
  'from',
  'in',
  'is',
  'not',
  'and',
  'or',
  'class',
  'def',
  'lambda',
  'with',
  'as',
  'global',
  'pass',
  'import',
])

function pascal(text) {
  return text.replaceAll(/(?:^|[^a-z\d]+)([a-z\d])/gi, (_, letter) => letter.toUpperCase())
}
