import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A file of a repository. `lfs`: sent from the storage, another origin, as large files are. */
export interface HubFile {
  readonly bytes: Uint8Array
  readonly lfs: boolean
}

interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly storage: boolean
  readonly authorization: string | undefined
  readonly range: string | undefined
}

export interface TestHub {
  readonly url: string
  /** Of `hf:owner/name`, by revision and path; `main` stands for `commit`. */
  readonly files: Map<string, HubFile>
  commit: string
  /** Without it every answer is 401; null: open. */
  token: string | null
  /** The storage breaks the next connections off after so many bytes each. */
  readonly breaks: number[]
  readonly requests: SeenRequest[]
  /** Answers instead of the hub, for misbehaviour. */
  answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | null
}

/** A server that lays files out as the Hugging Face hub does, with a storage behind redirects. */
export async function startHub(t: TestContext, files: Record<string, HubFile>): Promise<TestHub> {
  const storage = createServer((request, response) => sendStored(hub, request, response))
  const front = createServer((request, response) => {
    if (hub.answer?.(request, response) !== true) sendFront(hub, storageUrl, request, response)
  })
  const storageUrl = await listen(t, storage)
  const hub: TestHub = {
    url: await listen(t, front),
    files: new Map(Object.entries(files)),
    commit: 'c'.repeat(40),
    token: null,
    breaks: [],
    requests: [],
    answer: null,
  }
  return hub
}

async function listen(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function sendFront(
  hub: TestHub,
  storage: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  see(hub, request, false)
  if (hub.token !== null && request.headers.authorization !== `Bearer ${hub.token}`) {
    response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end()
    return
  }
  const parts = /^\/owner\/name\/resolve\/([^/]+)\/(.+)$/.exec(request.url ?? '')
  const revision = decodeURIComponent(parts?.[1] ?? '')
  if (parts === null || (revision !== 'main' && revision !== hub.commit)) {
    response.writeHead(404, { 'x-error-code': parts ? 'RevisionNotFound' : 'RepoNotFound' }).end()
    return
  }
  const path = decodeURIComponent(parts[2]!)
  const file = hub.files.get(path)
  if (file === undefined) {
    response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end()
    return
  }
  const common = { 'x-repo-commit': hub.commit }
  if (file.lfs) {
    const etag = {
      'x-linked-etag': `"${sha256Of(file.bytes)}"`,
      'x-linked-size': file.bytes.length,
    }
    const location = `${storage}/${encodeURIComponent(path)}?signed=for-get`
    response.writeHead(302, { ...common, ...etag, location }).end()
    return
  }
  response.writeHead(200, { ...common, 'content-length': file.bytes.length, etag: 'W/"git"' })
  response.end(request.method === 'HEAD' ? undefined : file.bytes)
}

function sendStored(hub: TestHub, request: IncomingMessage, response: ServerResponse) {
  see(hub, request, true)
  const path = decodeURIComponent((request.url ?? '').slice(1).split('?', 1)[0]!)
  const file = hub.files.get(path)
  // A signature is for one method, and a storage takes no foreign credentials.
  if (file === undefined || request.method !== 'GET' || request.headers.authorization) {
    response.writeHead(403).end()
    return
  }
  const etag = `"${sha256Of(file.bytes).slice(0, 32)}"`
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
  const resumes = range !== null && request.headers['if-range'] === etag
  const start = resumes ? Number(range[1]) : 0
  const { length } = file.bytes
  const part = { 'content-range': `bytes ${start}-${length - 1}/${length}` }
  response.writeHead(resumes ? 206 : 200, {
    etag,
    'content-length': length - start,
    ...(resumes ? part : {}),
  })
  const end = hub.breaks.shift()
  if (end === undefined) response.end(file.bytes.subarray(start))
  else response.write(file.bytes.subarray(start, start + end), () => response.destroy())
}

function see(hub: TestHub, { method = '', url = '', headers }: IncomingMessage, storage: boolean) {
  const { authorization, range } = headers
  hub.requests.push({ method, path: decodeURIComponent(url), storage, authorization, range })
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
