import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type ModelConfig, NO_MODEL_CONFIG, readModelConfig } from '../../embedding/model-config.ts'
import { type Preprocessing, readPreprocessorConfig } from '../../embedding/preprocessor-config.ts'
import { AppError, messageOf } from '../../errors.ts'
import { isMissing } from '../../files/durable-files.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'

export interface ModelFiles {
  readonly onnx: Uint8Array<ArrayBuffer>
  /** Files of weights beside the ONNX file, by name. */
  readonly weights: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  /** preprocessor_config.json */
  readonly preprocessor: Note | null
  /** config.json */
  readonly config: Note | null
}

interface Note {
  readonly text: string
  /** Names the file in messages. */
  readonly at: string
}

/** Protobuf's own limit of a message. */
const MAX_MODEL_BYTES = 2 ** 31 - 1
const MAX_NOTE_BYTES = 1024 * 1024

/**
 * Reads an ONNX file, the files of weights that it names, and what lies beside it or, in the layout of the
 * Hugging Face hub, beside its folder `onnx`.
 * @throws FILE_UNREADABLE, MODEL_INVALID beyond 2 GiB of weights, ONNX_INVALID.
 */
export async function readModelFiles(path: string): Promise<ModelFiles> {
  const onnx = await readBounded(path, MAX_MODEL_BYTES)
  const folder = dirname(path)
  const weights = new Map<string, Uint8Array<ArrayBuffer>>()
  let left = MAX_MODEL_BYTES - onnx.length
  for (const name of graphFacts(onnx).externalFiles) {
    const bytes = await readBounded(join(folder, name), left)
    weights.set(name, bytes)
    left -= bytes.length
  }
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder]
  const preprocessor = await readNote(folders, 'preprocessor_config.json')
  return { onnx, weights, preprocessor, config: await readNote(folders, 'config.json') }
}

/** Reads the preprocessing beside a model; null where there is none. @throws PREPROCESSING_UNSUPPORTED, MODEL_INVALID */
export function preprocessingBeside({ preprocessor }: ModelFiles): Preprocessing | null {
  return preprocessor === null ? null : readPreprocessorConfig(preprocessor.text, preprocessor.at)
}

/** @throws MODEL_INVALID */
export function configBeside({ config }: ModelFiles): ModelConfig {
  return config === null ? NO_MODEL_CONFIG : readModelConfig(config.text, config.at)
}

async function readNote(folders: readonly string[], name: string): Promise<Note | null> {
  for (const at of folders.map((folder) => join(folder, name))) {
    const bytes = await readBounded(at, MAX_NOTE_BYTES).catch(nullIfMissing)
    if (bytes !== null) return { text: new TextDecoder().decode(bytes), at }
  }
  return null
}

function nullIfMissing(error: unknown): null {
  if (error instanceof AppError && isMissing(error.cause)) return null
  throw error
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size > maxBytes) {
      const message = `${path}: expected at most ${maxBytes} bytes, got ${size}`
      throw new AppError('MODEL_INVALID', message)
    }
    const { buffer, byteOffset, byteLength } = await file.readFile()
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('FILE_UNREADABLE', `expected to read ${path}: ${messageOf(cause)}`, {
      cause,
    })
  }
}
