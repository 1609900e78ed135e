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

function mapImages<From, To>(query: SearchQuery<From>, map: (image: From) => To): SearchQuery<To> {
  const mapExample = (example: QueryExample<From>): QueryExample<To> =>
    example.kind === 'image' ? { kind: 'image', bytes: map(example.bytes) } : example
  switch (query.kind) {
    case 'one':
      return { kind: 'one', example: mapExample(query.example) }
    case 'views':
      return { kind: 'views', images: query.images.map(map) }
    case 'examples':
      return {
        kind: 'examples',
        positive: query.positive.map(mapExample),
        negative: query.negative.map(mapExample),
      }
  }
}
