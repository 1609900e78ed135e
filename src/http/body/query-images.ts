import type { QueryExample, SearchQuery, SearchRequest } from '../../collection/service.ts'

/** The search with the bytes of all its images, which `bytesOf` gives in the order asked. */
export async function withImageBytes<Image>(
  request: SearchRequest<Image>,
  bytesOf: (images: readonly Image[]) => Promise<readonly Uint8Array[]>,
): Promise<SearchRequest> {
  const images: Image[] = []
  mapImages(request.query, (image) => images.push(image))
  const bytes = (await bytesOf(images)).values()
  return { ...request, query: mapImages(request.query, () => bytes.next().value!) }
}

/** The same for examples alone. */
export async function examplesWithBytes<Image>(
  examples: readonly QueryExample<Image>[],
  bytesOf: (images: readonly Image[]) => Promise<readonly Uint8Array[]>,
): Promise<readonly QueryExample[]> {
  const images = examples.flatMap((one) => (one.kind === 'image' ? [one.bytes] : []))
  const bytes = (await bytesOf(images)).values()
  return examples.map((example) => mapExample(example, () => bytes.next().value!))
}

function mapImages<From, To>(query: SearchQuery<From>, map: (image: From) => To): SearchQuery<To> {
  switch (query.kind) {
    case 'one':
      return { kind: 'one', example: mapExample(query.example, map) }
    case 'views':
      return { kind: 'views', images: query.images.map(map) }
    case 'examples':
      return {
        kind: 'examples',
        positive: query.positive.map((example) => mapExample(example, map)),
        negative: query.negative.map((example) => mapExample(example, map)),
      }
  }
}

function mapExample<From, To>(
  example: QueryExample<From>,
  map: (image: From) => To,
): QueryExample<To> {
  return example.kind === 'image' ? { kind: 'image', bytes: map(example.bytes) } : example
}
