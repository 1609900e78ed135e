import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '../../errors.ts'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const closed = { additionalProperties: false }

const EntrySchema = Type.Object(
  {
    /** `hf:OWNER/NAME`. */
    source: Type.String(),
    /** As asked for: a branch, a tag or a commit. */
    revision: Type.String(),
    /** What it stood for; null where the hub did not say. */
    commit: Type.Union([Type.String({ pattern: '^[0-9a-f]{40}$' }), Type.Null()]),
    /** The ONNX file, by its path in the repository. */
    file: Type.String(),
    /** Options of the pull that shaped the bundle. */
    options: Type.Record(Type.String(), Type.Unknown()),
    /** All files taken, by path. */
    files: Type.Record(
      Type.String(),
      Type.Object({ bytes: Type.Integer({ minimum: 0 }), sha256: Sha256 }, closed),
    ),
    /** Of the bundle's ONNX file, which has all weights inside. */
    bundleSha256: Sha256,
  },
  closed,
)
const LockSchema = Type.Object(
  { version: Type.Literal(1), models: Type.Record(Type.String(), EntrySchema) },
  closed,
)

/** Where a model came from, and the checksums that it must have when it is pulled again. */
export interface LockEntry {
  readonly source: string
  readonly revision: string
  readonly commit: string | null
  readonly file: string
  readonly options: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
  readonly bundleSha256: string
}

/** By the name of the model. */
export type ModelsLock = Readonly<Record<string, LockEntry>>

const FILE = 'models.lock.json'

/** @throws MODEL_INVALID for a lock that is there and cannot be read. */
export async function readLock(modelsFolder: string): Promise<ModelsLock> {
  const file = join(modelsFolder, FILE)
  try {
    const lock: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (!Value.Check(LockSchema, lock)) {
      const [fault] = Value.Errors(LockSchema, lock)
      throw new Error(`${fault?.instancePath ?? ''} ${fault?.message ?? 'is wrong'}`)
    }
    return lock.models
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {}
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('MODEL_INVALID', `expected ${file} as \`models pull\` writes it: ${why}`, {
      cause,
    })
  }
}

/** @throws DATA_FOLDER_UNUSABLE */
export async function writeLock(modelsFolder: string, models: ModelsLock): Promise<void> {
  const file = join(modelsFolder, FILE)
  const sorted = Object.fromEntries(Object.entries(models).sort(([a], [b]) => (a < b ? -1 : 1)))
  try {
    const temporary = `${file}.${process.pid}`
    {
      await using handle = await open(temporary, 'w')
      await handle.writeFile(`${JSON.stringify({ version: 1, models: sorted }, null, 2)}\n`)
      await handle.sync()
    }
    await rename(temporary, file)
  } catch (cause) {
    const message = `expected to write ${file}: ${String(cause)}`
    throw new AppError('DATA_FOLDER_UNUSABLE', message, { cause })
  }
}
