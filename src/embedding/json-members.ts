import { AppError, type ErrorCode, type InputIssue, shown } from '../errors.ts'

/** @param at names the file in messages. @throws `code` for text that is no JSON. */
export function parseJson(text: string, at: string, code: ErrorCode): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError(code, `expected ${at} to be JSON: ${String(cause)}`, { cause })
  }
}

/** Reads the members of a `preprocessor_config.json`, and collects what is wrong with them. One that is null counts as left out. */
export class JsonMembers {
  readonly #members: Readonly<Record<string, unknown>>
  readonly #at: string
  readonly #issues: InputIssue[] = []

  /** @throws PREPROCESSING_UNSUPPORTED for text that is no JSON object. */
  constructor(text: string, at: string) {
    const value = parseJson(text, at, 'PREPROCESSING_UNSUPPORTED')
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new AppError('PREPROCESSING_UNSUPPORTED', `expected ${at} to be an object`)
    }
    this.#members = value as Record<string, unknown>
    this.#at = at
  }

  refuse(name: string, message: string): void {
    this.#issues.push({ path: `/${name}`, message })
  }

  /** Refuses all members but these; steps that are switched off do no harm. */
  refuseOthers(known: readonly string[]): void {
    for (const [name, value] of Object.entries(this.#members)) {
      if (!known.includes(name) && value !== null && !(value === false && name.startsWith('do_'))) {
        this.refuse(name.slice(0, 100), 'is not known of this processor')
      }
    }
  }

  value(name: string): unknown {
    return this.#members[name] ?? null
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.value(name) ?? fallback
    if (typeof value !== 'boolean') this.refuse(name, `must be true or false, got ${shown(value)}`)
    return value === true
  }

  number(name: string, fallback: number): number {
    const value = this.value(name) ?? fallback
    if (typeof value === 'number') return value
    this.refuse(name, `must be a number, got ${shown(value)}`)
    return fallback
  }

  /** A number for each channel; one number stands for all three. */
  channels(name: string, fallback: readonly number[]): readonly number[] {
    const value = this.value(name) ?? fallback
    const list = typeof value === 'number' ? [value, value, value] : value
    if (Array.isArray(list) && list.length === 3 && list.every(Number.isFinite)) return list
    this.refuse(name, `must be 3 numbers, got ${shown(JSON.stringify(value))}`)
    return fallback
  }

  /** @throws PREPROCESSING_UNSUPPORTED with all that was refused, if anything was. */
  finish(): void {
    if (this.#issues.length === 0) return
    const list = this.#issues.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new AppError('PREPROCESSING_UNSUPPORTED', `${this.#at}: ${list}`, {
      issues: this.#issues,
    })
  }
}
