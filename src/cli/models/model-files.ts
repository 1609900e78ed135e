import { basename, dirname, join } from 'node:path'
import { MAX_MODEL_BYTES } from '../../adapters/models-folder/read-bundle.ts'
import { NO_MODEL_CONFIG, readModelConfig } from '../../embedding/model-config.ts'
import { readPreprocessorConfig } from '../../embedding/preprocessor-config.ts'
import { AppError, messageOf } from '../../errors.ts'
import { isMissing } from '../../files/durable-files.ts'
import { readRegular } from '../../files/regular-file.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'

/** An ONNX file and what lies beside it. */
export type ModelFiles = Awaited<ReturnType<typeof readModelFiles>>

const MAX_NOTE_BYTES = 1024 * 1024

/**
 * Reads an ONNX file, the files of weights that it names, and what lies beside it or, in the layout of the
 * Hugging Face hub, beside its folder `onnx`.
 * @throws FILE_UNREADABLE, MODEL_INVALID beyond 2 GiB of weights, ONNX_INVALID.
 */
export async function readModelFiles(path: string) {
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
  const config = await readNote(folders, 'config.json')
  return {
    onnx,
    /** Files of weights beside the ONNX file, by name. */
    weights,
    /** Null where there is no `preprocessor_config.json`. @throws PREPROCESSING_UNSUPPORTED, MODEL_INVALID */
    preprocessing: () => preprocessor && readPreprocessorConfig(preprocessor.text, preprocessor.at),
    /** @throws MODEL_INVALID */
    config: () => (config === null ? NO_MODEL_CONFIG : readModelConfig(config.text, config.at)),
  }
}

/** Reads the first of the files that is there; `at` names it in messages. */
async function readNote(folders: readonly string[], name: string) {
  for (const at of folders.map((folder) => join(folder, name))) {
    try {
      return { text: new TextDecoder().decode(await readBounded(at, MAX_NOTE_BYTES)), at }
    } catch (error) {
      if (!(error instanceof AppError && isMissing(error.cause))) throw error
    }
  }
  return null
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readRegular(path, maxBytes, (bytes) => {
      const message = `${path}: expected at most ${maxBytes} bytes, got ${bytes}`
      return new AppError('MODEL_INVALID', message)
    })
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const message = `expected to read ${path}: ${messageOf(cause)}`
    throw new AppError('FILE_UNREADABLE', message, { cause })
  }
}
