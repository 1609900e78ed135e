import type { Metadata } from '../../engine/metadata.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { createParser } from '../schema-check.ts'
import { ImageBody } from '../schemas/record.ts'
import { type ImageSource, imageSource } from './image-source.ts'
import { parseJson } from './json-text.ts'

const parseBody = createParser(ImageBody)

/** `{ data | url, metadata? }`. */
export function readImageBody(body: Uint8Array): { image: ImageSource; metadata: Metadata } {
  const { metadata, ...source } = parseBody(parseJson(body))
  return { metadata: parseMetadata(metadata), image: imageSource(source, '') }
}
