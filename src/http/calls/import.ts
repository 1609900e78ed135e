import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { DEFAULT_EXCLUDES, MAX_EXCLUDES } from '../../collection/import/exclusion.ts'
import { MAX_GLOB_LENGTH } from '../../collection/import/glob.ts'
import type { FileChoices, UrlItem } from '../../collection/import/import-source.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { AppError } from '../../errors.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call } from '../call.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, partial, Type } from '../schemas/type.ts'

export const ARCHIVE_TYPES = [
  'application/zip',
  // As browsers on Windows name it.
  'application/x-zip-compressed',
  'application/x-tar',
  'application/gzip',
]

/** What an archive is its bytes say, so clients that know no type of archives may name none. */
const BODY_TYPES = [...ARCHIVE_TYPES, 'application/octet-stream']

const LabelFromSchema = oneOf(
  ['folder', 'none'],
  'Whether the first folder of a path becomes the metadata member `label`; `folder` unless given.',
)

const Glob = Type.String({ minLength: 1, maxLength: MAX_GLOB_LENGTH })

const Exclude = Type.Array(Glob, {
  maxItems: MAX_EXCLUDES,
  description: `Globs of what is left out (docs/jobs.md), beside \`${DEFAULT_EXCLUDES.join(' ')}\`.`,
})

const ImportBody = partial(
  {
    folder: Type.String({
      maxLength: 4096,
      description: 'Below `LOOKALIKE_IMPORT_ROOT`; `.` is all of it.',
    }),
    labelFrom: LabelFromSchema,
    exclude: Exclude,
    urls: Type.Array(
      closed({
        url: Type.String(),
        id: Type.Optional(Type.String({ description: 'The URL unless given.' })),
        metadata: Type.Optional(shared.Metadata),
      }),
      { minItems: 1, maxItems: 10_000 },
    ),
  },
  {
    title: 'ImportRequest',
    description: 'Exactly one of `folder` and `urls`; `labelFrom` and `exclude` go with `folder`.',
    oneMemberOf: [['folder', 'labelFrom', 'exclude'], ['urls']],
    examples: [
      { folder: 'shoes', exclude: ['drafts/**'] },
      { urls: [{ url: 'https://example.com/a.jpg', id: 'a' }] },
    ],
  },
)

const parseBody = createJsonParser(ImportBody)

type ImportRequest =
  | { readonly kind: 'folder'; readonly folder: string; readonly choices: FileChoices }
  | { readonly kind: 'urls'; readonly items: readonly UrlItem[] }

/** Reads `{ folder, labelFrom?, exclude? }` or `{ urls }`. */
export function readImportBody(body: Uint8Array): ImportRequest {
  const { folder, urls, labelFrom, exclude } = parseBody(body)
  if ((folder === undefined) === (urls === undefined)) {
    const got = folder === undefined ? 'neither' : 'both'
    throw invalidRequest(`expected one of folder and urls, got ${got}`)
  }
  if (folder !== undefined) {
    const choices = { labelFrom: labelFrom ?? 'folder', exclude: exclude ?? [] }
    return { kind: 'folder', folder, choices }
  }
  for (const [name, value] of Object.entries({ labelFrom, exclude })) {
    if (value !== undefined) throw invalidRequest(`/${name}: expected it beside folder, got urls`)
  }
  const items = urls!.map(({ url, id, metadata }) => {
    return { url, id: id ?? url, metadata: parseMetadata(metadata) }
  })
  return { kind: 'urls', items }
}

export function registerImports(app: App, { readJson, jobs: { imports } }: CallContext): void {
  call(app, 'importImages', 'POST /v1/collections/:collection/import', {
    summary: 'Add images from a folder of the server, or from URLs, as a job',
    tag: 'jobs',
    params: shared.CollectionParams,
    body: { 'application/json': ImportBody },
    answers: jobAccepted,
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const { collection } = request.params
      const source = await readJson(request, readImportBody)
      const job =
        source.kind === 'folder'
          ? await imports.folder(collection, source.folder, source.choices)
          : await imports.urls(collection, source.items)
      return sendAccepted(reply, job)
    },
  })

  call(app, 'importArchive', 'POST /v1/collections/:collection/import/archive', {
    streamed: true,
    summary: 'Add the images of a zip, tar or tar.gz file, as a job',
    tag: 'jobs',
    params: shared.CollectionParams,
    query: partial({
      labelFrom: LabelFromSchema,
      exclude: Type.Union([Exclude, Glob], { description: 'As of a folder; may be given again.' }),
    }),
    body: Object.fromEntries(BODY_TYPES.map((type) => [type, shared.File])),
    answers: jobAccepted,
    problems: [404, 409, 413, 415, 422, 507],
    handler: async (request, reply) => {
      const { collection } = request.params
      const { labelFrom = 'folder', exclude = [] } = request.query
      const choices = { labelFrom, exclude: [exclude].flat() }
      if (request.body === undefined) {
        throw invalidRequest('expected an archive as the body, got none')
      }
      // A refused archive is not destroyed: what is left is read and dropped, and the answer arrives.
      const archive = (request.body as unknown as Readable).iterator({ destroyOnReturn: false })
      try {
        const announced = announcedBytes(request)
        return sendAccepted(reply, await imports.archive(collection, archive, choices, announced))
      } catch (error) {
        if (!request.raw.complete && request.raw.destroyed) {
          throw new AppError('CANCELLED', 'the client hung up before the end', { cause: error })
        }
        throw error
      }
    },
  })
}

/** Gives the length of a body as its head says; null for one in chunks. */
function announcedBytes({ headers }: Pick<FastifyRequest, 'headers'>): number | null {
  const length = headers['content-length']
  return length === undefined ? null : Number(length)
}
