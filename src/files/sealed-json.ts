import { messageOf } from '../errors.ts'
import { DamagedFile } from './durable-files.ts'
import { sha256Of } from './sha256.ts'

/** Writes a description as JSON, with its checksum as the last member. */
export function sealed(content: object): string {
  const checksum = sha256Of(JSON.stringify(content))
  return `${JSON.stringify({ ...content, checksum }, null, 2)}\n`
}

/** Reads the content of a text that `sealed` made. @throws DamagedFile for any other. */
export function unsealed<T extends object>(text: string): T {
  let content: T
  try {
    const { checksum: _, ...rest } = JSON.parse(text)
    content = rest
    // Only what was written by us is written the same again, checksum and all.
    if (sealed(content) !== text) throw new DamagedFile('its checksum does not hold')
  } catch (cause) {
    throw new DamagedFile(`the description cannot be read: ${messageOf(cause)}`, { cause })
  }
  return content
}

/** @throws DamagedFile for the first member that is not as wanted. */
export function expectSame(found: object, wanted: object): void {
  const got = new Map(Object.entries(found))
  for (const [name, value] of Object.entries(wanted)) {
    if (got.get(name) === value) continue
    throw new DamagedFile(`${name}: expected ${value}, got ${got.get(name)}`)
  }
}
