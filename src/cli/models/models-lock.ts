import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError, messageOf } from '../../errors.ts'
import { isMissing, replaced } from '../../files/durable-files.ts'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const closed = { additionalProperties: false }

/** The origin of a model, and the checksums that it must have when it is pulled again. */
const EntrySchema = Type.Object(
  {
    /** `hf:OWNER/NAME`. */
    source: Type.String(),
    /** A branch, a tag or a commit, as the user wrote it. */
    revision: Type.String(),
    /** The commit that the revision stood for; null where the hub did not say. */
    commit: Type.Union([Type.String({ pattern: '^[0-9a-f]{40}$' }), Type.Null()]),
    /** The ONNX file, by its path in the repository. */
    file: Type.String(),
    /** The options of the pull that shaped the bundle. */
    options: Type.Record(Type.String(), Type.Unknown()),
    /** All files taken, by path. */
    files: Type.Record(
      Type.String(),
      Type.Object({ bytes: Type.Integer({ minimum: 0 }), sha256: Sha256 }, closed),
    ),
    /** The checksum of the bundle's ONNX file, which has all weights inside. */
    bundleSha256: Sha256,
  },
  closed,
)
const LockSchema = Type.Object(
  { version: Type.Literal(1), models: Type.Record(Type.String(), EntrySchema) },
  closed,
)

export type LockEntry = Readonly<Static<typeof EntrySchema>>
/** Entries by the name of the model. */
type ModelsLock = Readonly<Record<string, LockEntry>>

const FILE = 'models.lock.json'

/** @throws MODEL_INVALID for a lock that is there and cannot be read. */
export async function readLock(modelsFolder: string): Promise<ModelsLock> {
  const file = join(modelsFolder, FILE)
  try {
    const lock: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (Value.Check(LockSchema, lock)) return lock.models
    const [fault] = Value.Errors(LockSchema, lock)
    throw new Error(`${fault?.instancePath ?? ''} ${fault?.message ?? 'is wrong'}`)
  } catch (cause) {
    if (isMissing(cause)) return {}
    const message = `expected ${file} as \`models pull\` writes it: ${messageOf(cause)}`
    throw new AppError('MODEL_INVALID', message, { cause })
  }
}

/** @throws DATA_FOLDER_UNUSABLE */
export async function writeLock(modelsFolder: string, models: ModelsLock): Promise<void> {
  const file = join(modelsFolder, FILE)
  const sorted = Object.fromEntries(Object.entries(models).sort(([a], [b]) => (a < b ? -1 : 1)))
  const text = `${JSON.stringify({ version: 1, models: sorted }, null, 2)}\n`
  await replaced(file, (handle) => handle.writeFile(text)).catch((cause: unknown) => {
    const message = `expected to write ${file}: ${String(cause)}`
    throw new AppError('DATA_FOLDER_UNUSABLE', message, { cause })
  })
}
