import type { FastifyRequest } from 'fastify'
import type { AddOutcome, ImageInput } from '../../collection/requests.ts'
import { checkId } from '../../engine/collection-spec.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { AppError, shown } from '../../errors.ts'
import { parseJson } from '../body/json-text.ts'
import type { Part } from '../body/multipart-body.ts'
import { imageParts, jsonPart, MAX_FILES, readMultipart } from '../body/multipart-body.ts'
import { type App, type CallContext, call, clientGone, json } from '../call.ts'
import { problemOf } from '../problem.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, Type } from '../schemas/type.ts'

const ImagesForm = closed({
  image: shared.files('Repeated; the file name is the id.'),
  metadata: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: 'Metadata of each file, by file name.',
      examples: [{ 'cats/1.jpg': { label: 'cat' } }],
    }),
  ),
})

const AddImagesAnswer = closed({
  results: Type.Array(
    closed({
      id: Type.String(),
      status: oneOf(['added', 'replaced', 'failed'], 'What became of this file.'),
      error: Type.Optional(
        closed({ code: Type.String(), status: Type.Integer(), detail: Type.String() }),
      ),
    }),
  ),
})

type Checked = { readonly input: ImageInput } | { readonly failed: AddOutcome }

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
      const form = await readMultipart(request, maxBodyBytes, { image: MAX_FILES, metadata: 1 })
      const checked = checkFiles(form)
      const inputs = checked.flatMap((file) => ('input' in file ? [file.input] : []))
      const signal = clientGone(reply)
      const added = inputs.length === 0 ? [] : await collection.addImages(inputs, { signal })
      const outcomes = added.values()
      const results = checked.map((file) =>
        outcomeView('failed' in file ? file.failed : outcomes.next().value!, request),
      )
      return reply.send({ results })
    },
  })
}

/** Gives the files their ids and metadata. A fault of one file fails that one alone. */
function checkFiles(form: readonly Part[]): readonly Checked[] {
  const files = imageParts(form)
  const ids = files.map(({ fileName }, i) => {
    if (fileName !== null) return fileName
    throw new AppError('INVALID_REQUEST', `expected a file name for image part ${i + 1}, got none`)
  })
  refuseTwice(ids)
  const metadata = metadataByFile(jsonPart(form, 'metadata'), ids)
  return files.map(({ bytes }, i) => {
    const id = ids[i]!
    try {
      return { input: { id: checkId(id), bytes, metadata: parseMetadata(metadata.get(id)) } }
    } catch (error) {
      return { failed: { id, status: 'failed', error } }
    }
  })
}

function refuseTwice(ids: readonly string[]): void {
  const seen = new Set<string>()
  for (const id of ids) {
    if (seen.has(id)) {
      throw new AppError('DUPLICATE_ID', `expected each file name once, got ${shown(id)} twice`)
    }
    seen.add(id)
  }
}

function metadataByFile(
  bytes: Uint8Array | null,
  ids: readonly string[],
): ReadonlyMap<string, unknown> {
  const value = bytes === null ? {} : parseJson(bytes, 'the metadata part as JSON')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('INVALID_REQUEST', 'expected the metadata part to be an object by file name')
  }
  const metadata = new Map(Object.entries(value))
  const known = new Set(ids)
  for (const name of metadata.keys()) {
    if (!known.has(name)) {
      throw new AppError('INVALID_REQUEST', `expected metadata of sent files, got ${shown(name)}`)
    }
  }
  return metadata
}

function outcomeView(outcome: AddOutcome, request: FastifyRequest): unknown {
  if (outcome.status !== 'failed') return outcome
  const { id, status, error } = outcome
  const { problem, unexpected } = problemOf(error, { url: '', requestId: request.id })
  if (unexpected) request.log.error({ err: error, code: problem.code }, 'adding an image failed')
  return {
    id,
    status,
    error: { code: problem.code, status: problem.status, detail: problem.detail },
  }
}
