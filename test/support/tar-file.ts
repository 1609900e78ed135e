import { type Headers, pack } from 'tar-stream'

export interface TarEntry extends Headers {
  readonly bytes?: Uint8Array
}

export async function tarFile(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack()
  for (const { bytes, ...header } of entries) tar.entry(header, Buffer.from(bytes ?? []))
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk)
  return Buffer.concat(chunks)
}
