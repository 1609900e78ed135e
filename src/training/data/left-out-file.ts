/** A file or folder that was left out, as commands report it. */
export interface LeftOutFile {
  readonly file: string
  readonly reason: string
}

const MAX_NAMED = 5

/** Writes a line for each reason: how many were left out by it, and the first names. */
export function leftOutLines(files: readonly LeftOutFile[]): readonly string[] {
  const byReason = new Map<string, string[]>()
  for (const { file, reason } of files) {
    const names = byReason.get(reason)
    if (names === undefined) byReason.set(reason, [file])
    else names.push(file)
  }
  return [...byReason].map(([reason, names]) => {
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
    return `left out ${names.slice(0, MAX_NAMED).join(', ')}${more}: ${reason}`
  })
}
