import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import { AppError, shown } from '../../errors.ts'
import type { FileFacts } from '../../files/hashing-reader.ts'
import { sha256OfFile } from '../../files/sha256.ts'
import { failed, type HubAnswer, type HubFile, reasonOf, requestFile } from './hub-requests.ts'

export interface DownloadOptions {
  readonly maxBytes: number
  /** Milliseconds without a byte after which a connection is given up. */
  readonly idleTimeoutMs: number
  /** Ends the download; the bytes that came are kept. */
  readonly signal: AbortSignal
  readonly onProgress: (path: string, bytes: number, total: number | null) => void
}

/** The most connections to one file, as long as each brings something. */
const MAX_CONNECTIONS = 8

/**
 * Downloads a file to `target`. The bytes that a broken connection brought stay beside it: the same call
 * resumes there, if the file is still the same one.
 * @returns null when the repository has no such file.
 * @throws DOWNLOAD_FAILED; MODEL_INVALID beyond `maxBytes`; CHECKSUM_MISMATCH with what the hub says.
 */
export async function downloadFile(
  file: HubFile,
  target: string,
  options: DownloadOptions,
): Promise<FileFacts | null> {
  const { signal, idleTimeoutMs } = options
  const part = `${target}.part`
  await mkdir(dirname(target), { recursive: true })
  for (let connection = 0; connection < MAX_CONNECTIONS; connection++) {
    const headers = resumeHeaders(part)
    const answer = await requestFile(file, { method: 'GET', headers, signal, idleTimeoutMs })
    if (answer === null) return null
    const outcome = await receive(answer, part, file.path, options)
    if (outcome === 'complete') return await finish(part, target, file.path, answer.sha256)
    if (outcome === 'nothing') break
  }
  throw failed(`the connections for ${shown(file.path)} broke; the same call resumes it`)
}

/** Stores what one connection brings. Nothing is awaited before: a connection that breaks takes along what was not read. */
async function receive(
  { response }: HubAnswer,
  part: string,
  path: string,
  { maxBytes, signal, onProgress }: DownloadOptions,
): Promise<'complete' | 'broken' | 'nothing'> {
  const { statusCode, headers } = response
  if (statusCode === 416) {
    response.destroy()
    discard(part)
    return 'broken'
  }
  const start = statusCode === 206 ? sizeOf(part) : 0
  const length = headers['content-length']
  const total = length === undefined ? null : start + Number(length)
  let bytes = start
  let descriptor: number | null = null
  const checkSize = (size: number) => {
    if (size <= maxBytes) return
    const sizes = `at most ${maxBytes} bytes, got ${total ?? 'more'}`
    throw new AppError('MODEL_INVALID', `expected ${shown(path)} of ${sizes}`)
  }
  try {
    if (statusCode === 206) checkStart(headers['content-range'], start, path)
    checkSize(total ?? start)
    descriptor = openSync(part, start === 0 ? 'w' : 'a')
    noteEtag(part, headers.etag)
    response.on('data', (chunk: Buffer) => {
      try {
        bytes += chunk.length
        checkSize(bytes)
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor!, chunk, at)
        onProgress(path, bytes, total)
      } catch (error) {
        response.destroy(error as Error)
      }
    })
    await finished(response)
  } catch (error) {
    response.destroy()
    if (error instanceof AppError || isDiskFault(error)) throw error
    if (signal.aborted) throw failed(`${shown(path)}: ${reasonOf(signal.reason)}`, error)
    return bytes > start ? 'broken' : 'nothing'
  } finally {
    if (descriptor !== null) {
      fsyncSync(descriptor)
      closeSync(descriptor)
      descriptor = null
    }
  }
  return total === null || bytes === total ? 'complete' : 'broken'
}

function checkStart(range: string | undefined, start: number, path: string): void {
  if (range?.startsWith(`bytes ${start}-`)) return
  throw failed(`expected ${shown(path)} from byte ${start}, got ${shown(range ?? 'no range')}`)
}

function isDiskFault(error: unknown): boolean {
  return ['ENOSPC', 'EIO', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function sizeOf(part: string): number {
  return statSync(part, { throwIfNoEntry: false })?.size ?? 0
}

/** Asks for the rest of a file, if it is the one whose ETag was noted beside the part. */
function resumeHeaders(part: string): Record<string, string> {
  const size = sizeOf(part)
  if (size === 0 || !existsSync(`${part}.etag`)) return {}
  return { range: `bytes=${size}-`, 'if-range': readFileSync(`${part}.etag`, 'utf8') }
}

/** Only a strong ETag promises the same bytes. */
function noteEtag(part: string, etag: string | undefined): void {
  if (etag?.startsWith('"')) writeFileSync(`${part}.etag`, etag)
  else rmSync(`${part}.etag`, { force: true })
}

/** Gives the whole file its name. @throws CHECKSUM_MISMATCH unless it has the SHA-256 that the hub named, if any. */
async function finish(
  part: string,
  target: string,
  path: string,
  expected: string | null,
): Promise<FileFacts> {
  const bytes = sizeOf(part)
  const sha256 = await sha256OfFile(part)
  const isRight = expected === null || expected === sha256
  if (isRight) await rename(part, target)
  discard(part)
  if (isRight) return { bytes, sha256 }
  const message = `${shown(path)}: expected the SHA-256 ${expected} that the hub names, got ${sha256}`
  throw new AppError('CHECKSUM_MISMATCH', message)
}

function discard(part: string): void {
  rmSync(part, { force: true })
  rmSync(`${part}.etag`, { force: true })
}
