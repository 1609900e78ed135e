import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { mkdir, rename, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { AppError, shown } from '../../errors.ts'
import {
  failed,
  type HubAnswer,
  type HubHeaders,
  type HubRepository,
  reasonOf,
  requestFile,
} from './hub-requests.ts'

export interface DownloadOptions {
  readonly maxBytes: number
  /** Without a byte for so long a connection is given up. */
  readonly idleTimeoutMs: number
  /** Ends the download; what is there is kept. */
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number, total: number | null) => void
}

export interface FileFacts {
  readonly bytes: number
  /** Of what lies on the disk. */
  readonly sha256: string
}

/** Connections to one file, as long as each brings something. */
const MAX_CONNECTIONS = 8

/**
 * Downloads a file to `target`. What a broken connection brought stays beside it, and is gone on with
 * by the same call again, if the file is still the same one.
 * @returns null when the repository has no such file.
 * @throws DOWNLOAD_FAILED; MODEL_INVALID beyond `maxBytes`; CHECKSUM_MISMATCH with what the hub says.
 */
export async function downloadFile(
  repository: HubRepository,
  revision: string,
  path: string,
  target: string,
  options: DownloadOptions,
): Promise<FileFacts | null> {
  const part = new PartialFile(target)
  await mkdir(dirname(target), { recursive: true })
  for (let connection = 0; connection < MAX_CONNECTIONS; connection++) {
    const idle = new IdleTimer(options)
    try {
      const answer = await requestFile(repository, revision, path, {
        ...{ method: 'GET', signal: idle.signal },
        headers: part.resumeHeaders(),
      })
      if (answer === null) return null
      const outcome = await receive(answer, part, path, options, idle)
      if (outcome === 'complete') return await finished(part, target, path, answer.hub)
      if (outcome === 'nothing') break
    } finally {
      idle.stop()
    }
  }
  throw failed(`the connections for ${shown(path)} broke; the same call again goes on with it`)
}

/** No waiting before the body is read: a connection that breaks at once takes what waits with it. */
async function receive(
  { response }: HubAnswer,
  part: PartialFile,
  path: string,
  options: DownloadOptions,
  idle: IdleTimer,
): Promise<'complete' | 'broken' | 'nothing'> {
  const { statusCode, headers } = response
  if (statusCode === 416) {
    response.destroy()
    part.discard()
    return 'broken'
  }
  const start = statusCode === 206 ? part.size() : 0
  const length = headers['content-length']
  const total = length === undefined ? null : start + Number(length)
  let bytes = start
  try {
    if (statusCode === 206) checkStart(headers['content-range'], start, path)
    checkSize(total ?? start, total, path, options)
    part.begin(start, headers.etag)
    await readBody(response, (chunk) => {
      idle.restart()
      bytes += chunk.length
      checkSize(bytes, total, path, options)
      part.append(chunk)
      options.onProgress(bytes, total)
    })
  } catch (error) {
    response.destroy()
    if (error instanceof AppError || isDiskFault(error)) throw error
    if (options.signal.aborted) {
      throw failed(`${shown(path)}: ${reasonOf(options.signal.reason)}`, error)
    }
    return bytes > start ? 'broken' : 'nothing'
  } finally {
    part.close()
  }
  return total === null || bytes === total ? 'complete' : 'broken'
}

function readBody(response: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('end', resolve)
    response.once('error', reject)
    response.once('close', () => reject(new Error('the connection broke')))
    response.on('data', (chunk: Buffer) => {
      try {
        take(chunk)
      } catch (error) {
        reject(error)
        response.destroy()
      }
    })
  })
}

function checkStart(range: string | undefined, start: number, path: string): void {
  if (range?.startsWith(`bytes ${start}-`)) return
  throw failed(`expected ${shown(path)} from byte ${start}, got ${shown(range ?? 'no range')}`)
}

function checkSize(
  bytes: number,
  total: number | null,
  path: string,
  { maxBytes }: DownloadOptions,
): void {
  if (bytes <= maxBytes) return
  throw new AppError(
    'MODEL_INVALID',
    `expected ${shown(path)} of at most ${maxBytes} bytes, got ${total ?? 'more'}`,
  )
}

async function finished(
  part: PartialFile,
  target: string,
  path: string,
  hub: HubHeaders,
): Promise<FileFacts> {
  const sha256 = await sha256OfFile(part.file)
  if (hub.sha256 !== null && hub.sha256 !== sha256) {
    part.discard()
    throw new AppError(
      'CHECKSUM_MISMATCH',
      `${shown(path)}: expected the SHA-256 ${hub.sha256} that the hub names, got ${sha256}`,
    )
  }
  const bytes = part.size()
  await rename(part.file, target)
  part.discard()
  return { bytes, sha256 }
}

/** What lies there whole; null for nothing. */
export async function finishedFile(target: string): Promise<FileFacts | null> {
  const found = await stat(target).catch(() => null)
  if (found === null) return null
  return { bytes: found.size, sha256: await sha256OfFile(target) }
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** The beginning of a file, and what tells whether the rest is of the same file. */
class PartialFile {
  readonly file: string
  readonly #note: string
  #descriptor: number | null = null

  constructor(target: string) {
    this.file = `${target}.part`
    this.#note = `${target}.part.etag`
  }

  size(): number {
    return statSync(this.file, { throwIfNoEntry: false })?.size ?? 0
  }

  resumeHeaders(): Record<string, string> {
    const size = this.size()
    if (size === 0 || !existsSync(this.#note)) return {}
    return { range: `bytes=${size}-`, 'if-range': readFileSync(this.#note, 'utf8') }
  }

  /** Only a strong ETag promises the same bytes. */
  begin(start: number, etag: string | undefined): void {
    this.#descriptor = openSync(this.file, start === 0 ? 'w' : 'a')
    if (etag?.startsWith('"')) writeFileSync(this.#note, etag)
    else rmSync(this.#note, { force: true })
  }

  append(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#descriptor!, chunk, at)
  }

  close(): void {
    if (this.#descriptor === null) return
    fsyncSync(this.#descriptor)
    closeSync(this.#descriptor)
    this.#descriptor = null
  }

  discard(): void {
    rmSync(this.file, { force: true })
    rmSync(this.#note, { force: true })
  }
}

/** Aborts when nothing has come for a while, or when the caller aborts. */
class IdleTimer {
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #timeoutMs: number
  #timer: NodeJS.Timeout | undefined

  constructor({ idleTimeoutMs, signal }: DownloadOptions) {
    this.#timeoutMs = idleTimeoutMs
    this.signal = AbortSignal.any([signal, this.#controller.signal])
    this.restart()
  }

  restart(): void {
    clearTimeout(this.#timer)
    const abort = () => this.#controller.abort(new Error(`no byte in ${this.#timeoutMs} ms`))
    this.#timer = setTimeout(abort, this.#timeoutMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

function isDiskFault(error: unknown): boolean {
  return ['ENOSPC', 'EIO', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')
}
