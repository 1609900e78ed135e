/** A schema, or anything else within a document in JSON. */
type Node = Readonly<Record<string, unknown>>

/** Members whose values are data, in which nothing is a schema. */
const DATA = new Set(['example', 'examples', 'enum', 'const'])

/**
 * Moves each schema that has a title below `components.schemas`, under its title, and refers to it from wherever it was. So
 * generated clients have one type for it. Objects of which `oneMemberOf` says that exactly one member must be there
 * become one type for each member.
 * @throws Error where two schemas have one title.
 */
export function withNamedSchemas<Document extends object>(document: Document): Document {
  const named = new NamedSchemas()
  const { paths, components, ...rest } = document as Node & { readonly components?: Node }
  const replaced = named.in(paths)
  return { ...rest, components: { ...components, schemas: named.all() }, paths: replaced } as never
}

class NamedSchemas {
  readonly #schemas = new Map<string, unknown>()

  all(): Record<string, unknown> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => a.localeCompare(b)))
  }

  /** Gives a part of the document with references in place of its titled schemas. */
  in(part: unknown): unknown {
    if (Array.isArray(part)) return part.map((item) => this.in(item))
    if (!isNode(part)) return part
    const members = Object.entries(part).map(([name, value]) => {
      if (DATA.has(name) && !isSchema(value)) return [name, value]
      return [name, this.in(value)]
    })
    const schema = this.#withVariants(Object.fromEntries(members) as Node)
    return typeof schema.title === 'string' && isSchema(schema) ? this.#refer(schema) : schema
  }

  #refer(schema: Node): Node {
    // Examples of a whole body stand beside its schema.
    const { title, examples: _, ...rest } = schema
    const known = this.#schemas.get(title as string)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(rest)) {
      throw new Error(`expected one schema titled ${title}, got two`)
    }
    this.#schemas.set(title as string, rest)
    return { $ref: `#/components/schemas/${title}` }
  }

  /** Makes an object with exactly one of some members a choice of objects that each have one of them. */
  #withVariants(schema: Node): Node {
    const { oneMemberOf, properties, required = [], type: _, ...rest } = schema
    if (!Array.isArray(oneMemberOf)) return schema
    const members = properties as Node
    const choices = new Set(oneMemberOf.flat())
    const shared = Object.entries(members).filter(([name]) => !choices.has(name))
    const { title, additionalProperties, description, ...others } = rest
    const oneOf = oneMemberOf.map(([first, ...optional]: string[]) => {
      const own = [first!, ...optional].map((name) => [name, members[name]])
      return this.#refer({
        title: `${title}Of${first![0]!.toUpperCase()}${first!.slice(1)}`,
        type: 'object',
        properties: Object.fromEntries([...own, ...shared]),
        required: [...new Set([...(required as string[]), first!])],
        additionalProperties,
      })
    })
    return { title, description, oneOf, ...others }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

function isSchema(value: unknown): boolean {
  return isNode(value) && ['type', 'anyOf', 'oneOf', '$ref'].some((name) => name in value)
}
