import type { CreateCollection } from '../../collection/service.ts'
import type { Metadata } from '../../engine/metadata.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { createParser } from '../schema-check.ts'
import { CreateCollectionBody } from '../schemas/collection.ts'
import { PatchBody } from '../schemas/record.ts'
import { parseJson } from './json-text.ts'

const parseCreate = createParser(CreateCollectionBody)
const parsePatch = createParser(PatchBody)

/** What to create, its name left out. No body at all means every default. */
export function readCreateBody(body: Uint8Array): Omit<CreateCollection, 'name'> {
  return parseCreate(body.byteLength === 0 ? {} : parseJson(body))
}

export function readPatchBody(body: Uint8Array): Metadata {
  return parseMetadata(parsePatch(parseJson(body)).metadata)
}
