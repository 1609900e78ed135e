import { IdentitySearchBody } from './identities.ts'
import { closed, MetadataSchema, Type } from './parts.ts'
import { SearchBody } from './search.ts'

const File = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' })
const Files = Type.Unsafe<Uint8Array[]>({ type: 'array', items: File })

export const ImageForm = closed({ image: File, metadata: Type.Optional(MetadataSchema) })

export const ImagesForm = closed({
  image: Type.Unsafe<Uint8Array[]>({
    ...Files,
    description: 'Repeated; the file name is the id.',
  }),
  metadata: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: 'Metadata of each file, by file name.',
      examples: [{ 'cats/1.jpg': { label: 'cat' } }],
    }),
  ),
})

export const IdentitiesForm = closed({
  request: Type.Optional(IdentitySearchBody),
  image: Type.Unsafe<Uint8Array[]>({ ...Files, description: 'Views of one subject.' }),
})

export const SearchForm = closed({
  request: Type.Optional(SearchBody),
  image: Type.Unsafe<Uint8Array[]>({
    ...Files,
    description: 'One image, or several views of one subject.',
  }),
})
