import type { FastifyRequest } from 'fastify'
import type { AddOutcome, ImageInput } from '../../collection/requests.ts'
import { checkId } from '../../engine/collection-spec.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { AppError, shown } from '../../errors.ts'
import { expiryPart } from '../body/expiry.ts'
import {
  imageParts,
  jsonPart,
  MAX_FILES,
  type Part,
  readMultipart,
} from '../body/multipart-body.ts'
import type { FileName } from '../body/part-name.ts'
import { type App, type CallContext, call, clientGone, json } from '../call.ts'
import { problemOf } from '../problem.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, Type } from '../schemas/type.ts'
import { Held } from './put-image.ts'

const ImagesForm = closed({
  image: shared.files('Repeated; the file name is the id.'),
  metadata: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: shared.Metadata,
      description: 'Metadata of each file, by file name.',
      examples: [{ 'cats/1.jpg': { label: 'cat' } }],
    }),
  ),
  expiresAt: Type.Optional(shared.ExpiresAt),
})

const AddImagesAnswer = closed({
  results: Type.Array(
    closed({
      id: Type.String(),
      status: oneOf(['added', 'replaced', 'failed'], 'What became of this file.'),
      held: Held,
      error: Type.Optional(
        closed({ code: Type.String(), status: Type.Integer(), detail: Type.String() }),
      ),
    }),
  ),
})

export function registerAddImages(app: App, { collections, maxBodyBytes }: CallContext): void {
  call(app, 'addImages', 'POST /v1/collections/:collection/images', {
    summary: 'Add or replace many images; each succeeds or fails by itself',
    tag: 'images',
    params: shared.CollectionParams,
    body: { 'multipart/form-data': ImagesForm },
    answers: { 200: json('What became of each file, in order.', AddImagesAnswer) },
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const collection = collections.get(request.params.collection)
      const form = await readMultipart(request, maxBodyBytes, {
        image: MAX_FILES,
        metadata: 1,
        expiresAt: 1,
      })
      const checked = checkFiles(form)
      const inputs = checked.filter((file) => 'bytes' in file)
      const signal = clientGone(reply)
      const added = inputs.length === 0 ? [] : await collection.addImages(inputs, { signal })
      const outcomes = added.values()
      const results = checked.map((file) =>
        outcomeView('bytes' in file ? outcomes.next().value! : file, request),
      )
      return reply.send({ results })
    },
  })
}

/** Gives the files their ids and metadata. A fault of one file fails that one alone. */
function checkFiles(form: readonly Part[]): readonly (ImageInput | AddOutcome)[] {
  const files = imageParts(form)
  const ids = files.map(({ fileName }, i) => idOf(fileName, i))
  const known = new Set<string>()
  for (const id of ids) {
    if (known.has(id)) {
      throw new AppError('DUPLICATE_ID', `expected each file name once, got ${shown(id)} twice`)
    }
    known.add(id)
  }
  const metadata = metadataByFile(jsonPart(form, 'metadata', 'the metadata part as JSON'), known)
  const expiry = expiryPart(form)
  return files.map(({ bytes }, i) => {
    const id = ids[i]!
    try {
      return { id: checkId(id), bytes, metadata: parseMetadata(metadata.get(id)), ...expiry }
    } catch (error) {
      return { id, status: 'failed', error }
    }
  })
}

/** A name that is not known to the letter is refused with the whole form: no answer could say whose fault it is. */
function idOf(fileName: FileName, i: number): string {
  switch (fileName.kind) {
    case 'known':
      return fileName.name
    case 'none':
      throw invalidRequest(`expected a file name for image part ${i + 1}, got none`)
    case 'unknown':
      throw new AppError(
        'INVALID_ID',
        `expected the file name of image part ${i + 1} in UTF-8, as it is the id, got other bytes: ${fileName.got}, read as Latin-1`,
      )
  }
}

function metadataByFile(value: unknown, known: ReadonlySet<string>): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest('expected the metadata part to be an object by file name')
  }
  const unknown = Object.keys(value).find((name) => !known.has(name))
  if (unknown !== undefined) {
    throw invalidRequest(`expected metadata of sent files, got ${shown(unknown)}`)
  }
  return new Map(Object.entries(value))
}

function outcomeView(outcome: AddOutcome, request: FastifyRequest): unknown {
  if (outcome.status !== 'failed') return outcome
  const { id, status, error } = outcome
  const { problem, unexpected } = problemOf(error, request.id)
  if (unexpected) request.log.error({ err: error, code: problem.code }, 'adding an image failed')
  const { code, detail } = problem
  return { id, status, error: { code, status: problem.status, detail } }
}
