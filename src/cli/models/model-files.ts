import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../errors.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'

/** What is known of a model besides its graph: texts, with the names to call them in messages. */
export interface ModelNotes {
  readonly preprocessor: { readonly text: string; readonly at: string } | null
  readonly config: { readonly text: string; readonly at: string } | null
}

export interface ModelFiles extends ModelNotes {
  readonly onnx: Uint8Array<ArrayBuffer>
  /** Files of weights beside the ONNX file, by name. */
  readonly weights: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/** Protobuf's own limit of a message. */
const MAX_MODEL_BYTES = 2 ** 31 - 1
const MAX_NOTE_BYTES = 1024 * 1024

/**
 * An ONNX file, the files of weights that it names, and what lies beside it or, in the layout of the
 * Hugging Face hub, beside its folder `onnx`.
 * @throws FILE_UNREADABLE, MODEL_INVALID beyond 2 GiB of weights, ONNX_INVALID.
 */
export async function readModelFiles(path: string): Promise<ModelFiles> {
  const onnx = await readBounded(path, MAX_MODEL_BYTES)
  const weights = new Map<string, Uint8Array<ArrayBuffer>>()
  let left = MAX_MODEL_BYTES - onnx.length
  for (const name of graphFacts(onnx).externalFiles) {
    const bytes = await readBounded(join(dirname(path), name), left)
    weights.set(name, bytes)
    left -= bytes.length
  }
  return { onnx, weights, ...(await readModelNotes(dirname(path))) }
}

async function readModelNotes(folder: string): Promise<ModelNotes> {
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder]
  const note = async (name: string) => {
    for (const at of folders.map((place) => join(place, name))) {
      const bytes = await readBounded(at, MAX_NOTE_BYTES).catch(absent)
      if (bytes !== null) return { text: new TextDecoder().decode(bytes), at }
    }
    return null
  }
  return { preprocessor: await note('preprocessor_config.json'), config: await note('config.json') }
}

function absent(error: unknown): null {
  const cause = error instanceof AppError ? (error.cause as NodeJS.ErrnoException) : null
  if (cause?.code === 'ENOENT') return null
  throw error
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size > maxBytes) {
      throw new AppError(
        'MODEL_INVALID',
        `${path}: expected at most ${maxBytes} bytes, got ${size}`,
      )
    }
    const { buffer, byteOffset, byteLength } = await file.readFile()
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('FILE_UNREADABLE', `expected to read ${path}: ${why}`, { cause })
  }
}
